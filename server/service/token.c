/* server/service/token.c - tokens of the API: what a program may do in its owner's name
 *
 * A token is its owner, narrowed: by verbs, domains, networks and time. What is asked of the owner's role is asked with every
 * request, so that a demotion narrows the tokens, too. A token that makes tokens makes none that is wider than itself.
 */
#include "service/steps.h"
#include "service/tables.h"

#include "model/network.h"
#include "model/problem.h"
#include "model/scope.h"
#include "model/secret.h"
#include "store/account.h"
#include "store/mailbox.h"
#include "store/token.h"

#include <string.h>

static const char *account_of(const struct actor *a)
{
    return a->role == ROLE_USER ? "mailbox" : "admin";
}

static enum outcome place(struct work *w)
{
    (void)w; /* its key is a number that the database gives */
    return DONE;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_token_lock(t, key, out);
}

/* A super admin sees everybody's; what comes in by a token sees its owner's. */
static bool sees_all(const struct work *w)
{
    return w->actor->role == ROLE_SUPER_ADMIN && !w->actor->grant;
}

/* Another's token does not exist, but for super admins. */
static bool is_own(const struct work *w, const struct token *k)
{
    return sees_all(w)
        || (text_equal(k->username, w->actor->username) && text_equal(k->account, text_of(account_of(w->actor))));
}

static enum outcome show(struct work *w)
{
    struct token *k = task_alloc(w->t, sizeof *k);
    enum outcome o = store_token_find(w->t, w->key, k);

    w->out->item = k;
    return o == DONE && !is_own(w, k) ? MISSING : o;
}

static enum outcome list(struct work *w)
{
    enum outcome o = store_token_page(w->t, &w->in->page, sees_all(w) ? TEXT("") : w->actor->username,
                                      text_of(account_of(w->actor)), &w->out->list);

    w->out->list.shape = &token_shape;
    return o;
}

/* The command line acts for an account that it names; everybody else for their own. */
static enum outcome set_owner(struct work *w, struct token *k)
{
    struct text wanted = k->username;
    enum role rank = ROLE_NOBODY;
    struct mailbox m = { 0 };
    enum outcome o = DONE;

    k->username = w->actor->username;
    k->account = text_of(account_of(w->actor));
    if (strcmp(w->actor->via, "cli") != 0)
        return !wanted.length || text_equal(wanted, k->username) ? DONE
                                                                 : task_problem(w->t, "username", &problem_wider_token);
    if (!wanted.length)
        return task_problem(w->t, "username", &problem_required);
    o = store_rank_of(w->t, wanted, &rank);
    k->username = wanted;
    if (o == DONE && rank == ROLE_NOBODY) {
        k->account = TEXT("mailbox");
        o = store_mailbox_lock(w->t, wanted, &m);
    }
    return o == MISSING ? task_problem(w->t, "username", &problem_no_such_account) : o;
}

static size_t verbs_to_scope(struct task *t, struct scoped_verb **out)
{
    size_t count = 0, i = 0;

    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->name; v++)
            count++;
    *out = task_alloc(t, count * sizeof **out);
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->name; v++)
            (*out)[i++] = (struct scoped_verb){ v->name, verb_only_reads(v) };
    return count;
}

/* A scope that covers nothing is a slip of the pen. */
static enum outcome scopes_mean_something(struct work *w, const struct token *k, const struct scoped_verb *verbs, size_t count)
{
    for (size_t i = 0; i < k->scopes.count; i++)
        if (!scope_covers_any(k->scopes.items[i], verbs, count))
            return task_problem(w->t, "scopes", &problem_bad_scope);
    return DONE;
}

static bool all_within(const struct texts *inner, const struct texts *outer, bool (*within)(struct text, struct text))
{
    if (outer->count == 0)
        return true;
    for (size_t i = 0; i < inner->count; i++) {
        bool found = false;

        for (size_t j = 0; j < outer->count && !found; j++)
            found = within(inner->items[i], outer->items[j]);
        if (!found)
            return false;
    }
    return inner->count > 0; /* none means all */
}

static bool same(struct text inner, struct text outer)
{
    return text_equal(inner, outer);
}

static enum outcome no_wider(struct work *w, const struct token *k, const struct scoped_verb *verbs, size_t count)
{
    const struct token *mine = w->actor->grant;
    const struct { const char *field; bool fits; } parts[] = {
        { "scopes", !mine || scopes_within(&k->scopes, &mine->scopes, verbs, count) },
        { "domains", !mine || all_within(&k->domains, &mine->domains, same) },
        { "allowed_networks", !mine || all_within(&k->allowed_networks, &mine->allowed_networks, network_within) },
        { "expires", !mine || !mine->expires.known
                         || (k->expires.known && k->expires.unix_seconds <= mine->expires.unix_seconds) },
    };
    enum outcome o = DONE;

    for (size_t i = 0; i < COUNT(parts); i++)
        if (!parts[i].fits)
            o = task_problem(w->t, parts[i].field, &problem_wider_token);
    return o;
}

static enum outcome create(struct work *w)
{
    struct token *k = task_alloc(w->t, sizeof *k);
    struct scoped_verb *verbs;
    size_t count = verbs_to_scope(w->t, &verbs);
    enum outcome o;

    *k = *(const struct token *)w->in->body;
    k->secret = secret_token(w->t);
    k->digest = secret_digest(w->t, k->secret);
    o = set_owner(w, k);
    if (o == DONE)
        o = scopes_mean_something(w, k, verbs, count);
    if (o == DONE)
        o = no_wider(w, k, verbs, count);
    if (o == DONE)
        o = store_token_insert(w->t, k);
    w->key = k->id;
    if (o == DONE)
        o = show(w);
    if (o == DONE)
        ((struct token *)w->out->item)->secret = k->secret;
    return o;
}

static enum outcome revoke(struct work *w)
{
    return is_own(w, w->before) ? store_token_delete(w->t, w->key) : MISSING;
}

const struct resource token_resource = {
    .noun = "token", .key = "id", .shape = &token_shape, .canon = number_canon, .place = place, .lock = lock,
    .size = sizeof(struct token), .listing = &token_listing,
};

const struct verb token_verbs[] = {
    { "token.list", ACT_LIST, MAY_USE_TOKENS, &token_resource, NULL, &token_shape, list,
      "List one's tokens; a super admin's list is everybody's", false },
    { "token.show", ACT_SHOW, MAY_USE_TOKENS, &token_resource, NULL, &token_shape, show, "Show a token", false },
    { "token.create", ACT_CREATE, MAY_USE_TOKENS, &token_resource, &token_shape, &token_shape, create,
      "Make a token; it is shown this once", false },
    { "token.delete", ACT_DELETE, MAY_USE_TOKENS, &token_resource, NULL, NULL, revoke,
      "Revoke a token; the very next request with it is refused", false },
    { 0 },
};
