/* server/api/json.h - structs to JSON and back, by their shapes
 *
 * WHERE   The only room with <jansson.h>. Texts in, texts out: other rooms never see a json_t.
 */
#ifndef POSTREEVE_API_JSON_H
#define POSTREEVE_API_JSON_H

#include "base/shape.h"
#include "store/listing.h"

#include <jansson.h>

/* Before the first use: what passes through is wiped when it is given back. */
void json_start(void);

/* For the log and ETags: service/verb.h, describe_fn. Members in the shape's order, no blanks. */
struct text json_describe(struct task *t, const struct shape *shape, const void *value, bool whole);

/* New references; never NULL. */
json_t *json_item(struct task *t, const struct shape *shape, const void *value);
json_t *json_list(struct task *t, const struct list *list);
struct text json_text(struct task *t, json_t *steals, bool for_people);

enum decoding { DECODE_WHOLE, DECODE_PATCH };
/* Reads a JSON object into the struct at `out` (which it clears), checked and canonical; one problem per field. `given`
 * says which fields there were. WHOLE wants the REQUIRED ones and takes KEY ones; PATCH takes neither KEY nor CREATE_ONLY. */
MUST_USE enum outcome json_decode(struct task *t, const struct shape *shape, struct text body, enum decoding how,
                                  void *out, field_set *given);

#endif
