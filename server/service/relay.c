/* server/service/relay.c - smart hosts, and whether one works */
#include "service/tables.h"

#include "model/problem.h"
#include "model/vault.h"
#include "outside/probe.h"
#include "store/relay.h"

#define TRIAL_SECONDS 20 /* a worker waits that long, and no longer */

static enum outcome place(struct work *w)
{
    w->key = ((const struct relay *)w->in->body)->name;
    return DONE;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_relay_lock(t, key, out);
}

static enum outcome show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct relay));
    return store_relay_find(w->t, w->key, w->out->item);
}

static enum outcome list(struct work *w)
{
    enum outcome o = list_page(w, &relay_listing);

    w->out->list.shape = &relay_shape;
    return o;
}

/* What becomes of the password: a new one is sealed; without a log-in there is none; else it stays as it is. */
static enum outcome seal(struct work *w, struct relay *r)
{
    bool given = w->in->given & shape_bit(&relay_shape, "password");
    bool has = given ? r->password.length > 0 : r->has_password && r->username.length > 0;
    enum outcome o = relay_admit(w->t, r, has);

    r->stored_password = has && !given ? (struct text){ 0 } : TEXT("");
    if (o == DONE && has && given)
        o = vault_seal(w->t, "password", w->s->config->vault, VAULT_RELAY, r->password, relay_context(w->t, r->name),
                       &r->stored_password);
    r->password = (struct text){ 0 };
    return o;
}

static void complete(struct relay *r)
{
    relay_defaults(r);
    if (!r->username.at)
        r->username = TEXT("");
    if (!r->description.at)
        r->description = TEXT("");
}

/* Two unique keys: which of them it was is read afterwards. */
static enum outcome taken(struct work *w, struct text name)
{
    struct relay there = { 0 };
    enum outcome o = store_relay_find(w->t, name, &there);

    return o == DONE ? conflict(w, "name", &problem_taken) : o == MISSING ? conflict(w, "scope", &problem_taken) : o;
}

static enum outcome create(struct work *w)
{
    struct relay r = *(const struct relay *)w->in->body;
    enum outcome o;

    complete(&r);
    o = seal(w, &r);
    if (o == DONE)
        o = store_relay_insert(w->t, &r);
    if (o == CONFLICT)
        return taken(w, r.name);
    return o == DONE ? show(w) : o;
}

static enum outcome update(struct work *w)
{
    struct relay *r = patched(w, &relay_shape, sizeof *r);
    enum outcome o;

    complete(r);
    o = seal(w, r);
    if (o == DONE)
        o = store_relay_update(w->t, r);
    if (o == CONFLICT)
        return conflict(w, "scope", &problem_taken);
    return o == DONE ? show(w) : o;
}

static enum outcome erase(struct work *w)
{
    return store_relay_delete(w->t, w->key);
}

/* While it was gone, another may have taken over its mail. */
static enum outcome vacant(struct work *w)
{
    bool taken_over = false;
    enum outcome o = store_relay_scope_taken(w->t, w->undone->image, &taken_over);

    return o == DONE && taken_over ? conflict(w, "scope", &problem_taken) : o;
}

/* ---- a trial ---- */

static enum outcome route_to(struct work *w, const struct relay *r, struct letter_route *out)
{
    *out = (struct letter_route){ .host = r->host, .port = r->port, .user = r->username, .seconds = TRIAL_SECONDS,
                                  .any_certificate = !r->verify_certificate };
    if (text_equal(r->tls, text_of(relay_tls_words[RELAY_TLS_STARTTLS])))
        out->tls = LETTER_TLS_STARTTLS;
    if (text_equal(r->tls, text_of(relay_tls_words[RELAY_TLS_WRAPPED])))
        out->tls = LETTER_TLS_WRAPPED;
    if (!r->has_password)
        return DONE;
    return vault_open(w->t, "password", w->s->config->vault, VAULT_RELAY, r->stored_password,
                      relay_context(w->t, r->name), &out->password);
}

static void tell(struct work *w, const struct relay *r, const struct probe *p)
{
    struct relay_step *steps = task_alloc(w->t, PROBE_PARTS * sizeof *steps);
    struct relay_trial *trial = task_alloc(w->t, sizeof *trial);

    *trial = (struct relay_trial){ .host = r->host, .works = p->works,
                                   .steps = { task_alloc(w->t, PROBE_PARTS * sizeof(struct text)), PROBE_PARTS } };
    for (size_t i = 0; i < PROBE_PARTS; i++) {
        const struct probe_step *s = &p->steps[i];

        steps[i] = (struct relay_step){ text_of(s->step), text_of(probe_state_words[s->state]),
                                        s->words.at ? s->words : TEXT("") };
        trial->steps.items[i] = task_printf(w->t, "%s: %s", s->step, probe_state_words[s->state]);
    }
    w->out->alarm = !p->works;
    w->logged = &relay_trial_shape;
    w->after = trial;
    w->out->list = (struct list){ .shape = &relay_step_shape, .rows = { steps, PROBE_PARTS } };
}

/* The connection to the database goes back before the other server is asked: others need not wait for it. */
static enum outcome test(struct work *w)
{
    struct relay r = { 0 };
    struct letter_route route = { 0 };
    struct probe p = { 0 };
    enum outcome o = store_relay_find(w->t, w->key, &r);

    if (o == DONE)
        o = route_to(w, &r, &route);
    if (o != DONE)
        return o;
    store_return(w->s->store, w->t);
    o = probe_relay(w->t, &route, &p);
    if (o == DONE)
        o = store_borrow(w->s->store, w->t);
    if (o == DONE)
        o = change_begin(w);
    if (o != DONE)
        return o;
    tell(w, &r, &p);
    return change_commit(w);
}

const struct resource relay_resource = {
    .noun = "relay", .key = "name", .shape = &relay_shape, .canon = relay_name_canon, .place = place, .lock = lock,
    .size = sizeof(struct relay), .listing = &relay_listing, .image = IMAGE_RELAY, .image_whole = IMAGE_RELAY,
    .vacant = vacant,
};

const struct verb relay_verbs[] = {
    { "relay.list", ACT_LIST, MAY_MANAGE_ROUTING, &relay_resource, NULL, &relay_shape, list, "List smart hosts", false },
    { "relay.show", ACT_SHOW, MAY_MANAGE_ROUTING, &relay_resource, NULL, &relay_shape, show, "Show a smart host", false },
    { "relay.create", ACT_CREATE, MAY_MANAGE_ROUTING, &relay_resource, &relay_shape, &relay_shape, create,
      "Add a smart host", false },
    { "relay.update", ACT_UPDATE, MAY_MANAGE_ROUTING, &relay_resource, &relay_shape, &relay_shape, update,
      "Change a smart host", false },
    { "relay.delete", ACT_DELETE, MAY_MANAGE_ROUTING, &relay_resource, NULL, NULL, erase, "Delete a smart host", false },
    { "relay.test", ACT_TRY, MAY_MANAGE_ROUTING, &relay_resource, NULL, &relay_step_shape, test,
      "Try a smart host, step by step, without a letter", true },
    { 0 },
};
