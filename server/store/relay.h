/* server/store/relay.h - rows of postreeve_relay */
#ifndef POSTREEVE_STORE_RELAY_H
#define POSTREEVE_STORE_RELAY_H

#include "model/relay.h"
#include "store/listing.h"

MUST_USE enum outcome store_relay_find(struct task *t, struct text name, struct relay *out); /* with stored_password */
MUST_USE enum outcome store_relay_lock(struct task *t, struct text name, struct relay *out);
/* CONFLICT: the name or the scope is taken. */
MUST_USE enum outcome store_relay_insert(struct task *t, const struct relay *r);
MUST_USE enum outcome store_relay_update(struct task *t, const struct relay *r); /* CONFLICT: the scope is */
MUST_USE enum outcome store_relay_delete(struct task *t, struct text name);
/* Whether the scope of the relay that an image (store/image.h) holds is another's. */
MUST_USE enum outcome store_relay_scope_taken(struct task *t, int64_t image, bool *out);

#endif
