/* server/service/second_factor.c - the code besides the password: asking for it, setting it up, and taking it off
 *
 * SEED    Made here, stored sealed, bound to its account. What Postfix Admin stored in clear is used as it is, and a seed
 *         made here is never stored so: without a key file there is none.
 * ORDER   A seed is offered first and asked for only after its owner has shown a code of it, so that nobody locks
 *         themselves out with a picture that was not scanned.
 */
#include "service/second_factor.h"

#include "base/clock.h"
#include "base/log.h"
#include "model/address.h"
#include "model/own_account.h"
#include "model/problem.h"
#include "model/totp.h"
#include "service/tables.h"
#include "store/mailbox.h"
#include "store/second_factor.h"

#define ISSUER TEXT("postreeve")

static const char *account_of(const struct login *who)
{
    return who->is_admin ? "admin" : "mailbox";
}

static struct factor_row row_of(const struct login *who)
{
    return (struct factor_row){ .account = text_of(account_of(who)), .username = who->username };
}

/* What a seed is sealed for; one that was copied into another account's row does not open there. */
static struct text context_of(struct work *w, const struct login *who)
{
    return task_printf(w->t, "%s/%.*s", account_of(who), (int)who->username.length, who->username.at);
}

bool factor_is_set(const struct login *who)
{
    return who->totp_secret.length > 0;
}

static enum outcome open_seed(struct work *w, const struct login *who, struct text stored, struct text *seed)
{
    enum outcome o;

    *seed = stored;
    if (!vault_is_sealed(stored))
        return DONE;
    o = vault_open(w->t, "otp", w->s->config->vault, VAULT_TOTP, stored, context_of(w, who), seed);
    if (o == DONE)
        return DONE;
    log_line(LOG_FAULT, "the second factor of %s %.*s cannot be opened: no key file, or another than it was made with",
             account_of(who), (int)who->username.length, who->username.at);
    task_forget_problems(w->t);
    return RETRY;
}

static enum outcome spend_recovery_code(struct work *w, const struct factor_row *row, struct text otp, bool *won)
{
    struct text canonical = { 0 };

    *won = false;
    if (!recovery_code_canon(w->t, otp, &canonical))
        return DONE;
    return store_recovery_code_use(w->t, row, recovery_code_digest(w->t, w->s->config->vault, canonical), won);
}

enum outcome factor_spend(struct work *w, const struct login *who, struct text otp)
{
    struct factor_row row = row_of(who), now = { 0 };
    struct text seed = { 0 };
    int64_t step = TOTP_NO_STEP;
    bool won = false;
    enum outcome o;

    if (otp.length == 0)
        return task_problem(w->t, "otp", &problem_otp_required);
    o = open_seed(w, who, who->totp_secret, &seed);
    if (o == DONE)
        o = store_factor_lock(w->t, &row, &now);
    if (o == DONE)
        step = totp_check(seed, otp, clock_unix_seconds(), TOTP_WINDOW, now.last_step);
    if (o == DONE && step != TOTP_NO_STEP)
        o = store_factor_use(w->t, &row, step, &won);
    else if (o == DONE)
        o = spend_recovery_code(w, &row, otp, &won);
    return o == DONE && !won ? task_problem(w->t, "otp", &problem_otp_wrong) : o;
}

enum outcome factor_follow(struct work *w, struct text from, struct text to)
{
    struct login now = { 0 }, before = { .username = from };
    struct factor_row row = { .account = TEXT("mailbox"), .username = to };
    struct text seed = { 0 }, sealed = { 0 };
    enum outcome o = store_login_lock(w->t, "mailbox", to, &now);

    if (o != DONE || !vault_is_sealed(now.totp_secret))
        return o;
    o = open_seed(w, &before, now.totp_secret, &seed);
    if (o == DONE)
        o = vault_seal(w->t, "totp", w->s->config->vault, VAULT_TOTP, seed, context_of(w, &now), &sealed);
    return o == DONE ? store_factor_set(w->t, &row, sealed) : o;
}

/* ---- one's own ---- */

static enum outcome own_login(struct work *w, struct login *out)
{
    enum outcome o = store_login_lock(w->t, own_account(w), w->actor->username, out);

    return o == MISSING ? STRANGER : o;
}

/* As it is, without a lock. */
static enum outcome own_login_now(struct work *w, struct login *out)
{
    struct rows found = { 0 };
    enum outcome o = store_login_find(w->t, w->actor->username, &found);
    const struct login *logins = found.items;

    for (size_t i = 0; o == DONE && i < found.count; i++)
        if (logins[i].is_admin == (w->actor->role != ROLE_USER)) {
            *out = logins[i];
            return DONE;
        }
    return o == DONE ? STRANGER : o;
}

static enum outcome show_state(struct work *w)
{
    struct factor_state *state = task_alloc(w->t, sizeof *state);
    struct login who = { 0 };
    struct factor_row row, now = { 0 };
    enum outcome o = own_login_now(w, &who);

    row = row_of(&who);
    if (o == DONE)
        o = store_factor_find(w->t, &row, &now);
    *state = (struct factor_state){ .enabled = factor_is_set(&who), .offered = now.offered.length > 0,
                                    .available = w->s->config->vault != NULL,
                                    .recovery_codes = factor_is_set(&who) ? now.recovery_codes : 0 };
    w->out->item = state;
    return o;
}

static enum outcome offer(struct work *w)
{
    const struct own_password *given = w->in->body;
    struct factor_offer *made = task_alloc(w->t, sizeof *made);
    struct login who = { 0 };
    struct factor_row row, now = { 0 };
    struct text sealed = { 0 };
    enum outcome o = own_password_check(w, "password", given->password, &who);

    if (o == DONE && factor_is_set(&who))
        return conflict(w, "totp", &problem_second_factor_on);
    row = row_of(&who);
    made->secret = totp_seed(w->t);
    made->uri = totp_uri(w->t, ISSUER, w->actor->username, made->secret);
    if (o == DONE)
        o = vault_seal(w->t, "totp", w->s->config->vault, VAULT_TOTP, made->secret, context_of(w, &who), &sealed);
    if (o == DONE)
        o = store_factor_lock(w->t, &row, &now);
    if (o == DONE)
        o = store_factor_offer(w->t, &row, sealed);
    w->out->item = made;
    return o;
}

static enum outcome new_recovery_codes(struct work *w, const struct factor_row *row)
{
    struct recovery_codes *made = task_alloc(w->t, sizeof *made);
    enum outcome o = store_recovery_codes_delete(w->t, row);

    made->codes = (struct texts){ task_alloc(w->t, RECOVERY_CODES * sizeof *made->codes.items), RECOVERY_CODES };
    for (size_t i = 0; o == DONE && i < RECOVERY_CODES; i++) {
        struct text canonical = { 0 };

        made->codes.items[i] = recovery_code(w->t);
        if (!recovery_code_canon(w->t, made->codes.items[i], &canonical))
            return BROKEN;
        o = store_recovery_code_insert(w->t, row, recovery_code_digest(w->t, w->s->config->vault, canonical));
    }
    w->out->item = made;
    return o;
}

static enum outcome confirm(struct work *w)
{
    const struct own_code *given = w->in->body;
    struct login who = { 0 };
    struct factor_row row, now = { 0 };
    struct text seed = { 0 };
    int64_t step = TOTP_NO_STEP;
    bool won = false;
    enum outcome o = own_login(w, &who);

    if (o == DONE && factor_is_set(&who))
        return conflict(w, "totp", &problem_second_factor_on);
    row = row_of(&who);
    if (o == DONE)
        o = store_factor_lock(w->t, &row, &now);
    if (o == DONE && !now.offered.length)
        return conflict(w, "otp", &problem_otp_not_offered);
    if (o == DONE)
        o = open_seed(w, &who, now.offered, &seed);
    if (o == DONE)
        step = totp_check(seed, given->otp, clock_unix_seconds(), TOTP_WINDOW, now.last_step);
    if (o == DONE && step != TOTP_NO_STEP)
        o = store_factor_use(w->t, &row, step, &won);
    if (o == DONE && !won)
        return task_problem(w->t, "otp", &problem_otp_wrong);
    if (o == DONE)
        o = store_factor_set(w->t, &row, now.offered);
    if (o == DONE)
        o = account_end_access(w, who.username, account_of(&who), w->actor->session);
    return o == DONE ? new_recovery_codes(w, &row) : o;
}

static enum outcome take_off(struct work *w, const struct factor_row *row)
{
    enum outcome o = store_factor_set(w->t, row, (struct text){ 0 });

    return o == DONE ? store_recovery_codes_delete(w->t, row) : o;
}

static enum outcome disable(struct work *w)
{
    const struct own_proof *given = w->in->body;
    struct login who = { 0 };
    struct factor_row row;
    enum outcome o = own_password_check(w, "password", given->password, &who);

    if (o == DONE && !factor_is_set(&who))
        return conflict(w, "totp", &problem_second_factor_off);
    if (o == DONE)
        o = factor_spend(w, &who, given->otp);
    row = row_of(&who);
    return o == DONE ? take_off(w, &row) : o;
}

static enum outcome renew_codes(struct work *w)
{
    const struct own_code *given = w->in->body;
    struct login who = { 0 };
    struct factor_row row;
    enum outcome o = own_login(w, &who);

    if (o == DONE && !factor_is_set(&who))
        return conflict(w, "totp", &problem_second_factor_off);
    if (o == DONE)
        o = factor_spend(w, &who, given->otp);
    row = row_of(&who);
    return o == DONE ? new_recovery_codes(w, &row) : o;
}

static enum outcome offer_totp(struct work *w)
{
    return guarded(w, offer);
}

static enum outcome confirm_totp(struct work *w)
{
    return guarded(w, confirm);
}

static enum outcome disable_totp(struct work *w)
{
    return guarded(w, disable);
}

static enum outcome renew_recovery_codes(struct work *w)
{
    return guarded(w, renew_codes);
}

/* ---- another's: the telephone is lost, and the codes, too ---- */

static enum outcome reset(struct work *w, const char *account)
{
    struct factor_row row = { .account = text_of(account), .username = w->key };
    enum outcome o = take_off(w, &row);

    return o == DONE ? account_end_access(w, w->key, account, (struct text){ 0 }) : o;
}

static enum outcome reset_mailbox(struct work *w)
{
    enum outcome o = reset(w, "mailbox");

    w->domain = ((const struct mailbox *)w->before)->domain;
    w->out->item = task_alloc(w->t, sizeof(struct mailbox));
    return o == DONE ? store_mailbox_find(w->t, w->key, w->out->item) : o;
}

static enum outcome reset_admin(struct work *w)
{
    enum outcome o = reset(w, "admin");

    w->out->item = task_alloc(w->t, sizeof(struct admin));
    return o == DONE ? store_admin_find(w->t, w->key, w->out->item) : o;
}

static enum outcome lock_mailbox(struct task *t, struct text key, void *out)
{
    return store_mailbox_lock(t, key, out);
}

static enum outcome lock_admin(struct task *t, struct text key, void *out)
{
    return store_admin_lock(t, key, out);
}

/* As mailbox_resource and admin_resource, but no image is kept of a second factor: it does not come back. */
static const struct resource factor_of_mailbox = {
    .noun = "mailbox", .key = "address", .shape = &mailbox_shape, .canon = address_canon, .belongs = domain_of_address,
    .ranked = true, .lock = lock_mailbox, .size = sizeof(struct mailbox),
};
static const struct resource factor_of_admin = {
    .noun = "admin", .key = "username", .shape = &admin_shape, .canon = username_canon, .lock = lock_admin,
    .size = sizeof(struct admin),
};

const struct verb second_factor_verbs[] = {
    { "me.second-factor", ACT_SHOW, MAY_USE_ACCOUNT, NULL, NULL, &factor_state_shape, show_state,
      "Show whether the own account has a second factor", false },
    { "me.offer-totp", ACT_DO, MAY_USE_ACCOUNT, NULL, &own_password_shape, &factor_offer_shape, offer_totp,
      "Make a secret for an authenticator application; it counts once a code of it was shown", false },
    { "me.confirm-totp", ACT_UPDATE, MAY_USE_ACCOUNT, NULL, &own_code_shape, &recovery_codes_shape, confirm_totp,
      "Turn the own second factor on; other sessions end", false },
    { "me.disable-totp", ACT_DO, MAY_USE_ACCOUNT, NULL, &own_proof_shape, NULL, disable_totp,
      "Turn the own second factor off", false },
    { "me.new-recovery-codes", ACT_DO, MAY_USE_ACCOUNT, NULL, &own_code_shape, &recovery_codes_shape,
      renew_recovery_codes, "Make new recovery codes; those of before are void", false },
    { "mailbox.reset-totp", ACT_DO, MAY_EDIT_MAILBOXES, &factor_of_mailbox, NULL, &mailbox_shape, reset_mailbox,
      "Take the second factor off for who has lost it; sessions end", false },
    { "admin.reset-totp", ACT_DO, MAY_MANAGE_ADMINS, &factor_of_admin, NULL, &admin_shape, reset_admin,
      "Take the second factor off for who has lost it; sessions end", false },
    { 0 },
};
