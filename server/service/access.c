/* server/service/access.c - how an account is come into: its password, and what lets somebody act as it */
#include "service/tables.h"

#include "model/problem.h"
#include "store/token.h"
#include "store/account.h"

#define GENERATED_LENGTH 16 /* characters; more where the policy asks for more */

enum outcome account_end_access(struct work *w, struct text username, const char *account, struct text but)
{
    enum outcome o = store_session_delete_others(w->t, username, account, but);

    return o == DONE && !but.at ? store_token_delete_of(w->t, username, account, NULL) : o;
}

enum outcome choose_password(struct work *w, const struct chosen_password *wanted, struct text *hash,
                             struct text *generated)
{
    int64_t least = w->s->config->password.min_length;

    if (wanted->generate && wanted->given.at)
        return task_problem(w->t, "password", &problem_password_not_both);
    if (!wanted->generate && !wanted->given.at)
        return task_problem(w->t, "password", &problem_required);
    if (!wanted->generate)
        return password_admit_and_hash(w, "password", wanted->given, wanted->owner, hash);
    *generated = password_generate(w->t, least > GENERATED_LENGTH ? (size_t)least : GENERATED_LENGTH);
    w->new_password = *generated;
    return password_hash(w->t, "password", w->s->scheme, *generated, hash);
}
