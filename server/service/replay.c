/* server/service/replay.c - Idempotency-Key: the same POST twice acts once, also across a restart
 *
 * HOW     The request's row is inserted in the transaction of what it does. The same key again waits at the unique key
 *         until the first has ended; if that was committed, its answer is given again, else it acts now.
 * SECRET  Answers are sealed under the caller's key, of which only a digest is kept: what was shown once (a new token)
 *         can be shown again to nobody else.
 */
#include "service/steps.h"

#include "model/problem.h"
#include "model/secret.h"
#include "store/request.h"

static struct text sealing_key(struct work *w)
{
    struct text token = w->actor->grant ? w->actor->grant->id : TEXT("");

    return task_printf(w->t, "%d\n%.*s\n%.*s\n%.*s", (int)w->actor->role, (int)w->actor->username.length,
                       w->actor->username.at ? w->actor->username.at : "", (int)token.length, token.at,
                       (int)w->in->idempotency_key.length, w->in->idempotency_key.at);
}

/* Of what may hold a password; so the caller's key is in it, too, without which nobody can try passwords on it. */
static struct text fingerprint(struct work *w)
{
    struct text key = sealing_key(w);
    struct text what = task_printf(w->t, "%.*s\n%s\n%.*s\n%.*s\n", (int)key.length, key.at, w->verb->name, (int)w->in->key.length,
                                   w->in->key.at ? w->in->key.at : "", (int)w->in->domain.length,
                                   w->in->domain.at ? w->in->domain.at : "");

    return secret_digest(w->t, task_join(w->t, what, w->in->raw_body.at ? w->in->raw_body : TEXT("")));
}

static struct request_row row_of(struct work *w)
{
    return (struct request_row){ .digest = secret_digest(w->t, sealing_key(w)), .fingerprint = fingerprint(w),
                                 .answer = TEXT("") };
}

static enum outcome give_again(struct work *w, const struct request_row *mine)
{
    struct request_row before = { 0 };
    enum outcome o = store_request_find(w->t, mine, &before);

    if (o == MISSING)
        return RETRY; /* swept between the two statements */
    if (o == DONE && !text_equal(before.fingerprint, mine->fingerprint))
        return task_problem(w->t, "Idempotency-Key", &problem_other_request);
    if (o == DONE && !secret_unseal(w->t, sealing_key(w), before.answer, &w->out->replayed))
        return BROKEN;
    return o;
}

enum outcome replay_claim(struct work *w)
{
    struct request_row mine;
    enum outcome o;

    if (!w->in->idempotency_key.length)
        return DONE;
    mine = row_of(w);
    o = store_request_insert(w->t, &mine);
    return o == CONFLICT ? give_again(w, &mine) : o;
}

enum outcome replay_remember(struct work *w)
{
    struct request_row mine;

    if (!w->in->idempotency_key.length)
        return DONE;
    mine = row_of(w);
    mine.answer = secret_seal(w->t, sealing_key(w), w->s->render(w->t, w->verb, w->out));
    return store_request_answer(w->t, &mine);
}
