/* server/service/log_in.c - log-ins at the mail daemons, as Dovecot reports them
 *
 * A look-up cannot write down that the password was right: Dovecot compares it afterwards. So Dovecot says how it ended, to
 * its policy server, which we are (lookup/render_report.c). That is news for the account's owner, not a change: it is in the
 * list of log-ins, not in the log. A program that asks every minute is news once in SAME_SECONDS.
 */
#include "service/tables.h"

#include "model/address.h"
#include "model/own_account.h"
#include "store/app_password.h"
#include "store/log_in.h"

#define SAME_SECONDS 300
#define REFUSED_MAX 10 /* within those: who tries one account from a thousand places fills no table */

static enum outcome keep(struct work *w, struct text address, const struct log_in *it)
{
    enum outcome o = transaction_begin(w->t);

    if (o == DONE)
        o = store_log_in_add(w->t, TEXT("mailbox"), address, it);
    if (o == DONE && it->success && it->app_password)
        o = store_app_password_used(w->t, it->app_password, address, it->source);
    return o == DONE ? transaction_commit(w->t) : o;
}

/* Whoever has no mailbox here is nobody's news: a guess at a name, or an account of the machine's. */
static enum outcome report(struct work *w)
{
    static const struct log_in_bounds bounds = { .seconds = SAME_SECONDS, .refused_max = REFUSED_MAX };
    const struct log_in_report *said = w->in->body;
    struct log_in it = { .protocol = said->protocol, .source = said->remote.at ? said->remote : TEXT(""),
                         .user_agent = TEXT(""), .success = said->success };
    struct text address = { 0 };
    enum outcome o;

    (void)text_to_int64(said->app_password, &it.app_password); /* its field has seen to it; 0 where there is none */
    if (address_canon(w->t, "login", said->login, &address) != DONE) {
        task_forget_problems(w->t);
        return DONE;
    }
    o = store_log_in_is_news(w->t, address, &it, &bounds);
    if (o == MISSING)
        return DONE;
    return o == DONE ? keep(w, address, &it) : o;
}

const struct verb log_in_verbs[] = {
    { "log-in.report", ACT_DO, MAY_REPORT_LOG_INS, NULL, &log_in_report_shape, NULL, report,
      "Report how a log-in at a mail daemon ended: for Dovecot's auth_policy_server_url", true },
    { 0 },
};
