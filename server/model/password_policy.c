/* server/model/password_policy.c */
#include "model/password_policy.h"

#include "model/password.h"
#include "model/problem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* ---- common passwords ---- */

static int by_octets(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static bool is_entry(struct text line)
{
    return line.length > 0 && !text_starts(line, TEXT("# ")) && !text_equal(line, TEXT("#"));
}

struct texts password_list(struct task *t, struct text file)
{
    struct text rest = task_lower(t, file);
    struct texts list = { NULL, 0 };
    size_t lines = 1, kept = 0;

    for (size_t i = 0; i < rest.length; i++)
        lines += rest.at[i] == '\n';
    list.items = task_alloc(t, lines * sizeof *list.items);
    while (rest.length) {
        size_t end = text_find(rest, '\n');
        struct text line = text_trim(text_part(rest, 0, end));

        if (is_entry(line))
            list.items[list.count++] = line;
        rest = end == TEXT_NOT_FOUND ? TEXT("") : text_part(rest, end + 1, rest.length);
    }
    qsort(list.items, list.count, sizeof *list.items, by_octets);
    for (size_t i = 0; i < list.count; i++)
        if (i == 0 || !text_equal(list.items[i], list.items[kept - 1]))
            list.items[kept++] = list.items[i];
    list.count = kept;
    return list;
}

static bool is_listed(const struct texts *list, struct text wanted)
{
    return wanted.length && list->count && bsearch(&wanted, list->items, list->count, sizeof wanted, by_octets);
}

enum class { SMALL, CAPITAL, DIGIT, OTHER };
_Static_assert(OTHER + 1 == PASSWORD_CLASSES, "every kind is counted");

static enum class class_of(char c)
{
    if (c >= 'a' && c <= 'z')
        return SMALL;
    if (c >= 'A' && c <= 'Z')
        return CAPITAL;
    return c >= '0' && c <= '9' ? DIGIT : OTHER;
}

/* Signs of ASCII, and the blank; letters beyond it are no decoration. */
static bool is_sign(char c)
{
    return c >= ' ' && c <= '~' && class_of(c) == OTHER;
}

static struct text without_end(struct text given, bool digits_too)
{
    while (given.length
           && (is_sign(given.at[given.length - 1]) || (digits_too && class_of(given.at[given.length - 1]) == DIGIT)))
        given.length--;
    return given;
}

bool password_is_common(struct task *t, const struct texts *list, struct text clear)
{
    struct text folded = task_lower(t, clear);

    return is_listed(list, folded) || is_listed(list, without_end(folded, false))
        || is_listed(list, without_end(folded, true));
}

/* ---- the policy ---- */

static bool is_one_character(struct text clear)
{
    size_t step = 1;

    while (step < clear.length && ((unsigned char)clear.at[step] & 0xC0) == 0x80)
        step++;
    for (size_t i = step; i < clear.length; i++)
        if (clear.at[i] != clear.at[i - step])
            return false;
    return true;
}

static int64_t classes_in(struct text clear)
{
    bool found[PASSWORD_CLASSES] = { false };
    int64_t count = 0;

    for (size_t i = 0; i < clear.length; i++)
        found[class_of(clear.at[i])] = true;
    for (size_t i = 0; i < PASSWORD_CLASSES; i++)
        count += found[i];
    return count;
}

static enum outcome length_admit(struct task *t, const char *field, struct text clear, int64_t min_length)
{
    int64_t length;

    if (clear.length > (size_t)4 * PASSWORD_MAX)
        return task_problem_figure(t, field, &problem_too_long, "max", PASSWORD_MAX);
    if (!text_is_utf8(clear))
        return task_problem(t, field, &problem_bad_encoding);
    if (text_has_control(clear, ""))
        return task_problem(t, field, &problem_bad_character);
    length = (int64_t)text_code_points(clear);
    if (length < min_length || length == 0)
        return task_problem_figure(t, field, &problem_too_short, "min", min_length > 0 ? min_length : 1);
    if (length > PASSWORD_MAX)
        return task_problem_figure(t, field, &problem_too_long, "max", PASSWORD_MAX);
    return DONE;
}

enum outcome password_admit(struct task *t, const char *field, struct text clear, const struct password_policy *policy,
                            struct text address)
{
    enum outcome o = length_admit(t, field, clear, policy->min_length);

    if (o != DONE)
        return o;
    if (is_one_character(clear) || text_equal_folded(clear, address)
        || text_equal_folded(clear, text_part(address, 0, text_find_last(address, '@'))))
        return task_problem(t, field, &problem_password_too_weak);
    if (classes_in(clear) < policy->min_classes)
        return task_problem_figure(t, field, &problem_password_needs_classes, "min", policy->min_classes);
    if (password_is_common(t, &policy->common, clear))
        return task_problem(t, field, &problem_password_too_common);
    return DONE;
}

/* ---- a new one ---- */

/* Whole passwords are drawn until one has every kind: all that have are equally likely then. */
struct text password_generate(struct task *t, size_t length)
{
    static const char alphabet[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-+=_@";
    size_t count = length > PASSWORD_GENERATED_MIN ? length : PASSWORD_GENERATED_MIN;
    char *at = task_alloc(t, count + 1);
    struct text made = { at, count };

    do {
        for (size_t i = 0; i < count; i++)
            at[i] = alphabet[randombytes_uniform(sizeof alphabet - 1)];
    } while (classes_in(made) < PASSWORD_CLASSES);
    return made;
}
