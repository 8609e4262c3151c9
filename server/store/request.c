/* server/store/request.c */
#include "store/request.h"

#include "store/statements.h"

static const struct field request_fields[] = {
    COLUMN(struct request_row, digest), COLUMN(struct request_row, fingerprint), COLUMN(struct request_row, answer),
    COLUMN(struct request_row, seconds),
};
static const struct shape request_shape = SHAPE(struct request_row, "RequestRow", request_fields);

enum { INSERT, FIND, ANSWER, SWEEP };
const struct statement request_statements[] = {
    [INSERT] = { "request.insert",
                 "INSERT INTO postreeve_request (digest, fingerprint, answer, created)"
                 " VALUES (:digest, :fingerprint, :answer, NOW())",
                 &request_shape, NULL },
    [FIND] = { "request.find", "SELECT r.digest, r.fingerprint, r.answer FROM postreeve_request r WHERE r.digest = :digest",
               &request_shape, &request_shape },
    [ANSWER] = { "request.answer", "UPDATE postreeve_request SET answer = :answer WHERE digest = :digest",
                 &request_shape, NULL },
    [SWEEP] = { "request.sweep", "DELETE FROM postreeve_request WHERE created < NOW() - INTERVAL :seconds SECOND",
                &request_shape, NULL },
    { 0 },
};

enum outcome store_request_insert(struct task *t, const struct request_row *r)
{
    return statement_run(t, &request_statements[INSERT], r, NULL);
}

enum outcome store_request_find(struct task *t, const struct request_row *by, struct request_row *out)
{
    return statement_one(t, &request_statements[FIND], by, out);
}

enum outcome store_request_answer(struct task *t, const struct request_row *r)
{
    return statement_run(t, &request_statements[ANSWER], r, NULL);
}

enum outcome store_request_sweep(struct task *t, int64_t seconds, int64_t *gone)
{
    struct request_row row = { .seconds = seconds };

    return statement_run(t, &request_statements[SWEEP], &row, gone);
}
