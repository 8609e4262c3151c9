/* server/http/head.c */
#include "http/head.h"

/* A list may be given in several fields, which then mean one, joined by `joint`. What people's programs say
 * about themselves is dropped when it is not text; elsewhere that is a mistake. */
static const struct { const char *name, *joint; bool lenient; } known[HEAD_FIELDS] = {
    [HEAD_HOST] = { "Host", NULL, false },
    [HEAD_CONTENT_LENGTH] = { "Content-Length", NULL, false },
    [HEAD_CONTENT_TYPE] = { "Content-Type", NULL, false },
    [HEAD_CONTENT_ENCODING] = { "Content-Encoding", NULL, false },
    [HEAD_TRANSFER_ENCODING] = { "Transfer-Encoding", NULL, false },
    [HEAD_EXPECT] = { "Expect", NULL, false },
    [HEAD_AUTHORIZATION] = { "Authorization", NULL, false },
    [HEAD_COOKIE] = { "Cookie", "; ", false }, /* HTTP/2 lets a client split it (RFC 9113, 8.2.3) */
    [HEAD_CSRF_TOKEN] = { "X-CSRF-Token", NULL, false },
    [HEAD_IDEMPOTENCY_KEY] = { "Idempotency-Key", NULL, false },
    [HEAD_IF_MATCH] = { "If-Match", ", ", false },
    [HEAD_IF_NONE_MATCH] = { "If-None-Match", ", ", false },
    [HEAD_ACCEPT_ENCODING] = { "Accept-Encoding", ", ", true },
    [HEAD_ACCEPT_LANGUAGE] = { "Accept-Language", ", ", true },
    [HEAD_USER_AGENT] = { "User-Agent", " ", true },
    [HEAD_FORWARDED] = { "Forwarded", ", ", true },
    [HEAD_FORWARDED_FOR] = { "X-Forwarded-For", ", ", true },
    [HEAD_FORWARDED_PROTO] = { "X-Forwarded-Proto", ", ", true },
    [HEAD_REAL_IP] = { "X-Real-IP", ", ", true },
};

void head_add(struct task *t, struct head *h, struct text name, struct text value)
{
    for (size_t i = 0; i < HEAD_FIELDS; i++) {
        struct text *at = &h->fields[i];

        if (!text_equal_folded(name, text_of(known[i].name)))
            continue;
        if (!at->at)
            *at = task_copy(t, value);
        else if (known[i].joint)
            *at = task_join(t, task_join(t, *at, text_of(known[i].joint)), value);
        else if (!h->twice)
            h->twice = known[i].name;
        return;
    }
}

bool head_is_secret(struct text name)
{
    static const enum head_field secret[] = { HEAD_AUTHORIZATION, HEAD_COOKIE, HEAD_CSRF_TOKEN, HEAD_IDEMPOTENCY_KEY };

    for (size_t i = 0; i < COUNT(secret); i++)
        if (text_equal_folded(name, text_of(known[secret[i]].name)))
            return true;
    return false;
}

static struct refusal check_texts(struct head *h)
{
    for (size_t i = 0; i < HEAD_FIELDS; i++) {
        struct text *value = &h->fields[i];
        bool text = text_is_utf8(*value);

        if (text && !text_has_control(*value, "\t"))
            continue;
        if (!known[i].lenient)
            return REFUSED(400, known[i].name, text ? &problem_bad_character : &problem_bad_encoding);
        *value = (struct text){ NULL, 0 };
    }
    return NOT_REFUSED;
}

struct refusal head_check(struct head *h)
{
    struct text coding = h->fields[HEAD_TRANSFER_ENCODING];

    if (h->twice)
        return REFUSED(400, h->twice, &problem_duplicate_field);
    if (coding.at && h->fields[HEAD_CONTENT_LENGTH].at)
        return REFUSED(400, "Content-Length", &problem_malformed); /* RFC 9112, 6.3: request smuggling */
    if (coding.at && !text_equal_folded(text_trim(coding), TEXT("chunked")))
        return REFUSED(400, "Transfer-Encoding", &problem_not_a_choice);
    return check_texts(h);
}

int64_t head_length(const struct head *h)
{
    int64_t length;

    return text_to_int64(text_trim(h->fields[HEAD_CONTENT_LENGTH]), &length) && length >= 0 ? length : -1;
}

static bool parameters_say_utf8(struct text parameters)
{
    while (parameters.length) {
        size_t end = text_find(parameters, ';');
        struct text one = text_trim(text_part(parameters, 0, end));

        parameters = end == TEXT_NOT_FOUND ? TEXT("") : text_part(parameters, end + 1, parameters.length);
        if (!text_equal_folded(text_part(one, 0, 8), TEXT("charset=")))
            continue;
        one = text_part(one, 8, one.length);
        if (!text_equal_folded(one, TEXT("utf-8")) && !text_equal_folded(one, TEXT("\"utf-8\"")))
            return false;
    }
    return true;
}

struct refusal head_check_media(const struct head *h, enum method method)
{
    struct text given = h->fields[HEAD_CONTENT_TYPE], coding = h->fields[HEAD_CONTENT_ENCODING];
    size_t semicolon = text_find(given, ';');
    struct text type = text_trim(text_part(given, 0, semicolon));
    bool json = text_equal_folded(type, TEXT("application/json"));

    if (!json && method == METHOD_PATCH)
        json = text_equal_folded(type, TEXT("application/merge-patch+json"));
    if (json && semicolon != TEXT_NOT_FOUND)
        json = parameters_say_utf8(text_part(given, semicolon + 1, given.length));
    if (!json)
        return REFUSED(415, "Content-Type", &problem_not_a_choice);
    if (coding.length && !text_equal_folded(coding, TEXT("identity")))
        return REFUSED(415, "Content-Encoding", &problem_not_a_choice);
    return NOT_REFUSED;
}

bool head_has_version(const struct head *h, struct text etag)
{
    struct text given = h->fields[HEAD_IF_NONE_MATCH];

    while (given.length) {
        size_t comma = text_find(given, ',');
        struct text one = text_trim(text_part(given, 0, comma));

        if (text_starts(one, TEXT("W/")))
            one = text_part(one, 2, one.length);
        if (text_equal(one, etag) || text_equal(one, TEXT("*")))
            return true;
        given = comma == TEXT_NOT_FOUND ? TEXT("") : text_part(given, comma + 1, given.length);
    }
    return false;
}
