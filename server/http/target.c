/* server/http/target.c */
#include "http/target.h"

/* "http://host/path" is for proxies, but a server must take it as well: the path starts behind the host. */
static struct text without_origin(struct text target)
{
    static const struct text schemes[] = { { "http://", 7 }, { "https://", 8 } };

    for (size_t i = 0; i < COUNT(schemes); i++) {
        if (!text_starts(target, schemes[i]))
            continue;
        target = text_part(target, schemes[i].length, target.length);
        target = text_part(target, text_find(target, '/'), target.length);
        return target.length ? target : TEXT("/");
    }
    return target;
}

struct target target_split(struct text as_sent)
{
    struct text whole = without_origin(as_sent);
    size_t mark = text_find(whole, '?');

    if (mark == TEXT_NOT_FOUND)
        return (struct target){ whole, { NULL, 0 } };
    return (struct target){ text_part(whole, 0, mark), text_part(whole, mark + 1, whole.length) };
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool unescape(struct text given, char *at, size_t *length)
{
    size_t used = 0;

    for (size_t i = 0; i < given.length; i++) {
        char c = given.at[i];

        if (c == '%') {
            int high = given.length - i > 2 ? hex_digit(given.at[i + 1]) : -1;
            int low = given.length - i > 2 ? hex_digit(given.at[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        at[used++] = c;
    }
    *length = used;
    return true;
}

struct refusal target_decode(struct task *t, const char *field, struct text given, struct text *out)
{
    char *at = task_alloc(t, given.length + 1);
    size_t length = 0;

    if (!unescape(given, at, &length))
        return REFUSED(400, field, &problem_malformed);
    *out = (struct text){ at, length };
    if (!text_is_utf8(*out))
        return REFUSED(400, field, &problem_bad_encoding);
    if (text_has_control(*out, ""))
        return REFUSED(400, field, &problem_bad_character);
    return NOT_REFUSED;
}

/* In a query, as in a form, '+' is a space. */
static struct refusal decode_argument(struct task *t, const char *field, struct text given, struct text *out)
{
    char *spaced = task_alloc(t, given.length + 1);

    for (size_t i = 0; i < given.length; i++)
        spaced[i] = given.at[i] == '+' ? ' ' : given.at[i];
    return target_decode(t, field, (struct text){ spaced, given.length }, out);
}

static struct refusal argument(struct task *t, struct text pair, struct name_value *out)
{
    size_t equals = text_find(pair, '=');
    struct text value = equals == TEXT_NOT_FOUND ? TEXT("") : text_part(pair, equals + 1, pair.length);
    struct refusal r = decode_argument(t, "query", text_part(pair, 0, equals), &out->name);

    if (!r.status)
        r = decode_argument(t, out->name.at, value, &out->value);
    return r;
}

struct refusal target_arguments(struct task *t, struct text query, const struct name_value **out,
                                size_t *count)
{
    struct name_value *found = task_alloc(t, ARGUMENTS_MAX * sizeof *found);
    size_t used = 0;

    *out = found;
    *count = 0;
    while (query.length) {
        size_t end = text_find(query, '&');
        struct text pair = text_part(query, 0, end);
        struct refusal r;

        query = end == TEXT_NOT_FOUND ? TEXT("") : text_part(query, end + 1, query.length);
        if (!pair.length)
            continue;
        if (used == ARGUMENTS_MAX)
            return REFUSED_ABOVE(400, "query", &problem_too_many, ARGUMENTS_MAX);
        r = argument(t, pair, &found[used]);
        if (r.status)
            return r;
        used++;
    }
    *count = used;
    return NOT_REFUSED;
}
