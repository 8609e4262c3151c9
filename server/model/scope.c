/* server/model/scope.c */
#include "model/scope.h"

#include "model/problem.h"

#define ALL TEXT("*")
#define READ TEXT("read")

/* A scope, or a verb's name, taken apart at its dot: "mailbox" and "create"; without a dot the noun is empty. */
struct parts {
    struct text noun, act;
};

static struct parts parts_of(struct text given)
{
    size_t dot = text_find(given, '.');

    if (dot == TEXT_NOT_FOUND)
        return (struct parts){ TEXT(""), given };
    return (struct parts){ text_part(given, 0, dot), text_part(given, dot + 1, given.length) };
}

/* As nouns and acts are named: a letter, then letters, digits and hyphens. */
static bool is_word(struct text given)
{
    for (size_t i = 0; i < given.length; i++) {
        char c = given.at[i];
        bool letter = c >= 'a' && c <= 'z';

        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return given.length > 0;
}

static bool is_scope(struct text given)
{
    struct parts p = parts_of(given);

    if (text_find(given, '.') == TEXT_NOT_FOUND)
        return text_equal(given, ALL) || text_equal(given, READ);
    return is_word(p.noun) && (text_equal(p.act, ALL) || is_word(p.act));
}

enum outcome scope_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct text scope = task_lower(t, text_trim(given));

    if (scope.length > SCOPE_MAX || !is_scope(scope))
        return task_problem(t, field, &problem_bad_scope);
    *out = scope;
    return DONE;
}

bool scope_covers(struct text scope, struct text verb, bool only_reads)
{
    struct parts s = parts_of(scope), v = parts_of(verb);

    if (!is_scope(scope) || !is_word(v.noun) || !is_word(v.act))
        return false;
    if (s.noun.length && !text_equal(s.noun, v.noun))
        return false;
    return text_equal(s.act, ALL) || (text_equal(s.act, READ) && only_reads)
        || (s.noun.length && text_equal(s.act, v.act));
}

bool scopes_cover(const struct texts *scopes, struct text verb, bool only_reads)
{
    for (size_t i = 0; i < scopes->count; i++)
        if (scope_covers(scopes->items[i], verb, only_reads))
            return true;
    return false;
}

bool scope_covers_any(struct text scope, const struct scoped_verb *verbs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (scope_covers(scope, text_of(verbs[i].name), verbs[i].only_reads))
            return true;
    return false;
}

/* Whether the scope's verbs only read: by what it says, or by what is known of the verb that it names. */
static bool only_reads(struct text scope, const struct scoped_verb *verbs, size_t count)
{
    if (text_equal(parts_of(scope).act, READ))
        return true;
    for (size_t i = 0; i < count; i++)
        if (text_equal(scope, text_of(verbs[i].name)))
            return verbs[i].only_reads;
    return false;
}

static bool is_part(struct text inner, bool inner_only_reads, struct text outer)
{
    struct parts i = parts_of(inner), o = parts_of(outer);

    if (!is_scope(inner) || !is_scope(outer))
        return false;
    if (o.noun.length && !text_equal(o.noun, i.noun))
        return false;
    return text_equal(o.act, ALL) || (text_equal(o.act, READ) && inner_only_reads) || text_equal(inner, outer);
}

bool scopes_within(const struct texts *inner, const struct texts *outer, const struct scoped_verb *verbs, size_t count)
{
    for (size_t i = 0; i < inner->count; i++) {
        bool reads = only_reads(inner->items[i], verbs, count), found = false;

        for (size_t o = 0; o < outer->count; o++)
            found = found || is_part(inner->items[i], reads, outer->items[o]);
        if (!found)
            return false;
    }
    return true;
}
