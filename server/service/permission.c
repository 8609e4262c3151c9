/* server/service/permission.c - who may, asked of the table in model/permit.h with facts from the store
 *
 * A token narrows its owner: by verb, by domain. It never widens anything, since the owner's role is asked, too.
 */
#include "service/steps.h"

#include "model/problem.h"
#include "model/scope.h"
#include "store/account.h"

enum outcome refused(const struct work *w)
{
    return w->actor->role == ROLE_NOBODY ? STRANGER : DENIED;
}

enum outcome permit_verb(const struct verb *v, const struct actor *actor)
{
    const struct token *token = actor->grant;
    bool may = permit_reach(v->may, actor->role) != REACH_NONE
            && (!token || scopes_cover(&token->scopes, text_of(v->name), verb_only_reads(v)));

    return may ? DONE : actor->role == ROLE_NOBODY ? STRANGER : DENIED;
}

bool verb_only_reads(const struct verb *v)
{
    return v->act == ACT_LIST || v->act == ACT_SHOW;
}

/* What is one's own needs no domain; what a user may do is that alone. */
static bool is_personal(enum may may)
{
    return permit_reach(may, ROLE_USER) == REACH_ALL;
}

static bool holds(const struct texts *list, struct text wanted)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->items[i], wanted))
            return true;
    return false;
}

static bool token_reaches(const struct work *w, struct text domain)
{
    const struct token *token = w->actor->grant;

    return !token || token->domains.count == 0 || holds(&token->domains, domain);
}

enum outcome permit_domain(struct work *w, struct text domain)
{
    bool owned = false;
    enum outcome o = DONE;

    if (!token_reaches(w, domain))
        return refused(w);
    if (permit_reach(w->verb->may, w->actor->role) == REACH_ALL)
        return DONE;
    o = store_owns_domain(w->t, w->actor->username, domain, &owned);
    return o == DONE && !owned ? refused(w) : o;
}

/* The facts for model/permit: is the target's domain the actor's, and does the target outrank them. */
static enum outcome permit_target(struct work *w)
{
    struct target target = { 0 };
    enum outcome o = store_owns_domain(w->t, w->actor->username, w->domain, &target.owned);

    if (o == DONE && w->verb->of && w->verb->of->ranked && w->key.length)
        o = store_rank_of(w->t, w->key, &target.rank);
    if (o == DONE && !permitted(w->verb->may, w->actor->role, &target))
        o = refused(w);
    return o;
}

/* A token for some domains: whatever is in none of them does not exist for it. A list shows what lies in them. */
static enum outcome permit_token_domains(struct work *w)
{
    const struct resource *of = w->verb->of;

    if (is_personal(w->verb->may))
        return DONE;
    if (w->domain.length)
        return token_reaches(w, w->domain) ? DONE : refused(w);
    return w->verb->act == ACT_LIST && of && of->listing && of->listing->domain ? DONE : refused(w);
}

enum outcome permit(struct work *w)
{
    const struct resource *of = w->verb->of;
    const struct token *token = w->actor->grant;
    enum reach reach = permit_reach(w->verb->may, w->actor->role);
    enum outcome o = permit_verb(w->verb, w->actor);

    if (o == DONE && w->actor->password_expired && !permitted_to_expired(w->verb->may)) {
        task_note(w->t, "password", &problem_password_expired, (struct figure){ 0 });
        return DENIED;
    }
    if (o != DONE)
        return o;
    if (reach == REACH_ALL && !(token && token->domains.count))
        return DONE;
    if (w->key.length && of && of->belongs && w->verb->act != ACT_CREATE)
        o = of->belongs(w);
    if (o == MISSING)
        return refused(w); /* whether it exists is none of their business */
    if (o == DONE && token && token->domains.count)
        o = permit_token_domains(w);
    if (o != DONE || reach == REACH_ALL)
        return o;
    if (w->domain.length)
        return permit_target(w);
    return w->verb->act == ACT_LIST ? DONE : refused(w); /* a list without a domain shows the actor's own rows */
}

struct scope list_scope(const struct work *w)
{
    bool all = permit_reach(w->verb->may, w->actor->role) == REACH_ALL;
    const struct token *token = w->actor->grant;

    return (struct scope){ .domain = w->in->domain.length ? w->in->domain : w->in->page.domain,
                           .owner = all ? (struct text){ 0 } : w->actor->username,
                           .only = token ? token->domains : (struct texts){ 0 } };
}

enum outcome list_page(struct work *w, const struct listing *l)
{
    struct scope scope = list_scope(w);

    return listing_page(w->t, l, &w->in->page, &scope, &w->out->list);
}

enum outcome list_newest_first(struct work *w, const struct listing *l, const struct shape *shape)
{
    struct work newest_first = *w;
    struct request in = *w->in;
    enum outcome o;

    if (!in.page.sort.length)
        in.page.sort = TEXT("-id");
    newest_first.in = &in;
    o = list_page(&newest_first, l);
    w->out->list.shape = shape;
    return o;
}
