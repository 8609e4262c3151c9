/* server/service/steps.h - what transact() is made of; only the verbs' own room includes it
 *
 * permission.c  who may          audit.c  the record, its chain, and the state before
 * replay.c      the same POST again is answered, not done again
 */
#ifndef POSTREEVE_SERVICE_STEPS_H
#define POSTREEVE_SERVICE_STEPS_H

#include "service/verb.h"

/* DENIED, or STRANGER for nobody. */
enum outcome refused(const struct work *w);
MUST_USE enum outcome permit(struct work *w);

/* Writes the change's record as the newest link of a chain. */
MUST_USE enum outcome audit(struct work *w, struct record *out);
/* The hash of a record whose predecessor in the chain has that hash. It is taken while r->id is 0: the number is vouched for
 * by the next record, or the chain's head. Records of versions before took it with the number in place. */
struct text record_hash(struct task *t, const struct vault *v, const struct record *r, struct text previous);

/* CONFLICT never; when this request was answered before, w->out->replayed holds that answer and nothing must be done. */
MUST_USE enum outcome replay_claim(struct work *w);
MUST_USE enum outcome replay_remember(struct work *w);

#endif
