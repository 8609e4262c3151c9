/* server/http/route.c */
#include "http/route.h"

/* Cuts the first segment off, the slash before it included; false when nothing is left or no slash stands
 * there. */
static bool next_segment(struct text *path, struct text *out)
{
    struct text rest;
    size_t slash;

    if (!path->length || path->at[0] != '/')
        return false;
    rest = text_part(*path, 1, path->length);
    slash = text_find(rest, '/');
    *out = text_part(rest, 0, slash);
    *path = slash == TEXT_NOT_FOUND ? text_part(rest, rest.length, 0) : text_part(rest, slash, rest.length);
    return true;
}

static bool fits(struct text pattern, struct text path, struct text *parts)
{
    struct text wanted, given;
    size_t count = 0;

    while (pattern.length) {
        if (!next_segment(&pattern, &wanted) || !next_segment(&path, &given))
            return false;
        if (!text_starts(wanted, TEXT("{"))) {
            if (!text_equal(wanted, given))
                return false;
        } else if (given.length == 0 || count == ROUTE_PARTS_MAX) {
            return false;
        } else {
            parts[count++] = given;
        }
    }
    return path.length == 0;
}

struct match route_match(const struct route *table, struct text path, enum method method)
{
    struct match found = { 0 };

    for (const struct route *r = table; r->path; r++) {
        struct text parts[ROUTE_PARTS_MAX] = { 0 };

        if (!fits(text_of(r->path), path, parts))
            continue;
        found.methods |= METHOD_BIT(r->method);
        if (r->method != method || found.route)
            continue;
        found.route = r;
        for (size_t i = 0; i < ROUTE_PARTS_MAX; i++)
            found.parts[i] = parts[i];
    }
    return found;
}

struct text route_allow(struct task *t, unsigned methods)
{
    struct text allow = TEXT("");

    for (unsigned m = 0; method_words[m]; m++) {
        if (!(methods & METHOD_BIT(m)))
            continue;
        allow = task_join(t, allow, task_printf(t, "%s, ", method_words[m]));
        if (m == METHOD_GET)
            allow = task_join(t, allow, TEXT("HEAD, "));
    }
    return task_join(t, allow, TEXT("OPTIONS"));
}
