/* server/base/problem.h - what can be wrong with an input, in words that never change
 *
 * WHAT    A problem names a field, a kind and figures. The kind's `code` is stable: the interface translates it,
 *         the command line prints `detail`, in which {name} stands for the figure of that name.
 * WHY     Declared once per kind, so that OpenAPI, both languages and the tests can list them all.
 *         Kinds that know about mail are in model/problem.h.
 */
#ifndef POSTREEVE_BASE_PROBLEM_H
#define POSTREEVE_BASE_PROBLEM_H

#include "base/text.h"

struct problem_kind {
    const char *code, *detail;
};

#define BASE_PROBLEMS(KIND)                                                                   \
    KIND(required, "is required")                                                             \
    KIND(unknown_field, "is not a field of this resource")                                    \
    KIND(read_only, "cannot be set")                                                          \
    KIND(duplicate_field, "is given more than once")                                          \
    KIND(wrong_type, "has the wrong type")                                                    \
    KIND(malformed, "is not well formed")                                                     \
    KIND(too_short, "must have at least {min} characters")                                    \
    KIND(too_long, "must have at most {max} characters")                                      \
    KIND(too_small, "must be at least {min}")                                                 \
    KIND(too_large, "must be at most {max}")                                                  \
    KIND(too_many, "must have at most {max} entries")                                         \
    KIND(too_few, "must have at least {min} entries")                                         \
    KIND(bad_encoding, "is not valid UTF-8")                                                  \
    KIND(bad_character, "holds a character that is not allowed here")                         \
    KIND(not_a_choice, "is not one of the allowed values")                                    \
    KIND(bad_cursor, "is not a cursor of this list")                                          \
    KIND(no_absolute_path, "is no absolute path")                                             \
    KIND(bad_number, "is not a whole number from 1 on")                                       \
    KIND(bad_moment, "is not a moment as in 2026-12-31T23:59:59Z")

#define DECLARE_PROBLEM(name, words) extern const struct problem_kind problem_##name;
BASE_PROBLEMS(DECLARE_PROBLEM)

extern const struct problem_kind *const base_problems[]; /* all of the above, ended by NULL */

#define FIGURES_MAX 2
struct figure {
    const char *name; /* NULL: no figure */
    int64_t value;
};

struct problem {
    struct text field;
    const struct problem_kind *kind;
    struct figure figures[FIGURES_MAX];
    struct problem *next;
};

#endif
