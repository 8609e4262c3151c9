/* server/store/request.h - POSTs with an Idempotency-Key, and what was answered (service/replay.c) */
#ifndef POSTREEVE_STORE_REQUEST_H
#define POSTREEVE_STORE_REQUEST_H

#include "base/task.h"

struct request_row {
    struct text digest, fingerprint, answer;
    int64_t seconds; /* of sweeps */
};
/* CONFLICT when that digest is there, after waiting for the transaction that put it there. */
MUST_USE enum outcome store_request_insert(struct task *t, const struct request_row *r);
MUST_USE enum outcome store_request_find(struct task *t, const struct request_row *by, struct request_row *out);
MUST_USE enum outcome store_request_answer(struct task *t, const struct request_row *r);
MUST_USE enum outcome store_request_sweep(struct task *t, int64_t seconds, int64_t *gone);

#endif
