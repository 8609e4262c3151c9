/* server/service/access.c - how an account is come into: its password, and what lets somebody act as it */
#include "service/tables.h"

#include "model/problem.h"
#include "store/token.h"
#include "store/account.h"

enum outcome account_end_access(struct work *w, struct text username, const char *account, struct text but)
{
    enum outcome o = store_session_delete_others(w->t, username, account, but);

    return o == DONE && !but.at ? store_token_delete_of(w->t, username, account, NULL) : o;
}

enum outcome choose_password(struct work *w, const struct chosen_password *wanted, struct text *hash,
                             struct text *generated)
{
    const struct password_settings *policy = &w->s->config->password;
    int64_t length = policy->generated_length;

    if (length < policy->min_length)
        length = policy->min_length;
    if (wanted->generate && wanted->given.at)
        return task_problem(w->t, "password", &problem_password_not_both);
    if (!wanted->generate && !wanted->given.at)
        return task_problem(w->t, "password", &problem_required);
    if (!wanted->generate)
        return password_admit_and_hash(w, "password", wanted->given, wanted->owner, hash);
    *generated = password_generate(w->t, (size_t)length);
    w->new_password = *generated;
    return password_hash(w->t, "password", w->s->scheme, *generated, hash);
}
