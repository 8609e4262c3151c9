/* server/base/text.h - a run of bytes that knows its length
 *
 * WHAT    A view: `length` octets at `at`, UTF-8 unless said otherwise. at == NULL says "absent", which
 *         differs from empty. Texts made by task_* functions carry a NUL behind them, views need not.
 * OWNS    Nothing; the octets live as long as the task (task.h) or are literals.
 */
#ifndef POSTREEVE_BASE_TEXT_H
#define POSTREEVE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *at;
    size_t length;
};

struct texts { /* a list of them */
    struct text *items;
    size_t count;
};

#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })
#define TEXT_NOT_FOUND ((size_t)-1)

struct text text_of(const char *c_string); /* NULL gives the absent text */
struct text text_part(struct text from, size_t start, size_t length);
bool text_equal(struct text a, struct text b);
bool text_equal_folded(struct text a, struct text b); /* ASCII letters without their case */
int text_compare(struct text a, struct text b);       /* by octets, as strcmp() */
bool text_starts(struct text whole, struct text with);
bool text_ends(struct text whole, struct text with);
size_t text_find(struct text in, char wanted);      /* TEXT_NOT_FOUND when it is not there */
size_t text_find_last(struct text in, char wanted);
struct text text_trim(struct text given);           /* without ASCII white space at both ends */

/* Valid UTF-8 (RFC 3629: no surrogates, no over-long forms)? */
bool text_is_utf8(struct text given);
/* Holds a control character (U+0000..1F, 7F, 80..9F) other than those in `allowed`? */
bool text_has_control(struct text given, const char *allowed);
/* How many code points; the text must be valid UTF-8. */
size_t text_code_points(struct text given);
/* A decimal integer and nothing else; false when it is not, or does not fit. */
bool text_to_int64(struct text given, int64_t *out);

#endif
