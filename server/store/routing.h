/* server/store/routing.h - rows of postreeve_transport and postreeve_sender_access */
#ifndef POSTREEVE_STORE_ROUTING_H
#define POSTREEVE_STORE_ROUTING_H

#include "model/routing.h"
#include "store/listing.h"

MUST_USE enum outcome store_transport_find(struct task *t, struct text destination, struct transport *out);
MUST_USE enum outcome store_transport_lock(struct task *t, struct text destination, struct transport *out);
MUST_USE enum outcome store_transport_insert(struct task *t, const struct transport *r); /* CONFLICT: taken */
MUST_USE enum outcome store_transport_update(struct task *t, const struct transport *r);
MUST_USE enum outcome store_transport_delete(struct task *t, struct text destination);

MUST_USE enum outcome store_sender_access_find(struct task *t, struct text sender, struct sender_access *out);
MUST_USE enum outcome store_sender_access_lock(struct task *t, struct text sender, struct sender_access *out);
MUST_USE enum outcome store_sender_access_insert(struct task *t, const struct sender_access *a); /* CONFLICT: taken */
MUST_USE enum outcome store_sender_access_update(struct task *t, const struct sender_access *a);
MUST_USE enum outcome store_sender_access_delete(struct task *t, struct text sender);

#endif
