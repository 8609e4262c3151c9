/* server/service/errand_hook.c - programs of the operator after a change, with Postfix Admin's arguments where it has them */
#include "service/errand_kind.h"

#include "model/address.h"
#include "model/own_account.h"
#include "outside/program.h"
#include "store/mailbox.h"

#include <string.h>

#define ARGUMENTS_MAX 4

/* What a change is of: its shape says it, also of one that is undone, and of one's own mailbox. */
static const struct {
    const struct shape *shape;
    const char *noun;
    bool with_domain;
} nouns[] = {
    { &mailbox_shape, "mailbox", true }, { &domain_shape, "domain", false }, { &alias_shape, "alias", true },
    { &alias_domain_shape, "alias_domain", true }, { &admin_shape, "admin", false },
};

static enum outcome shape_behind(struct work *w, const struct shape **out)
{
    struct mailbox m = { 0 };
    enum outcome o = DONE;

    *out = w->undone ? w->logged : w->verb->of ? w->verb->of->shape : NULL;
    if (*out)
        return DONE;
    if (text_starts(text_of(w->verb->name), TEXT("me.")))
        *out = w->actor->role == ROLE_USER ? &mailbox_shape : &admin_shape;
    if (*out || !w->new_password.at || !w->key.length)
        return DONE;
    o = store_mailbox_find(w->t, w->key, &m); /* somebody who is not logged in gets a new password */
    *out = o == DONE ? &mailbox_shape : &admin_shape;
    return o == MISSING ? DONE : o;
}

/* What became of it; NULL: nothing that shows. A record alone does not tell: a second factor that is taken from a mailbox
 * leaves one with a before and no after, and the mailbox is there. */
static const char *what_happened(const struct work *w, const struct record *r)
{
    if (!w->verb->of)
        return r->before.at && r->after.at ? "changed" : NULL;
    if (w->undone)
        return !r->before.at ? "created" : !r->after.at ? "deleted" : "changed";
    return w->verb->act == ACT_CREATE ? "created" : w->verb->act == ACT_DELETE ? "deleted" : "changed";
}

static enum outcome add_mailbox(struct work *w, struct texts *arguments)
{
    struct mailbox m = { 0 };
    enum outcome o = store_mailbox_find(w->t, w->key, &m);

    if (o == MISSING) /* it has another name now, and the answer shows it */
        m = *(const struct mailbox *)w->out->item;
    else if (o != DONE)
        return o;
    arguments->items[0] = m.address;
    arguments->items[1] = address_split(m.address).domain;
    arguments->items[arguments->count++] = m.maildir;
    arguments->items[arguments->count++] =
        task_printf(w->t, "%lld", m.quota_bytes.bounded ? (long long)m.quota_bytes.most : 0LL);
    return DONE;
}

static void want(struct work *w, struct text event, struct texts arguments, struct text secret)
{
    struct errand_wanted hook = { .e = { .kind = TEXT("program"), .event = event }, .secret = secret };

    if (!config_hook(w->s->config, event).length)
        return;
    hook.lane = arguments.items[0];
    hook.e.payload = texts_pack(w->t, &arguments);
    errand_want(w, &hook);
}

/* Standard input: the old password, NUL, the new one, NUL. */
static struct text both_passwords(struct work *w)
{
    struct text nul = { "", 1 };
    struct text old = task_join(w->t, w->old_password.at ? w->old_password : TEXT(""), nul);

    return task_join(w->t, old, task_join(w->t, w->new_password, nul));
}

/* Postfix Admin's script for it gets the hash on standard input; what a program can use is the password. */
static void want_app_password(struct work *w)
{
    const struct app_password *a = w->out->item;
    struct text list[] = { a->address, a->description };

    want(w, TEXT("mailbox_app_password"), (struct texts){ list, COUNT(list) },
         task_join(w->t, a->app_password, (struct text){ "", 1 }));
}

enum outcome hooks_want(struct work *w, const struct record *r)
{
    const struct shape *shape;
    const char *happened = what_happened(w, r);
    struct text list[ARGUMENTS_MAX] = { r->target, r->domain };
    struct texts arguments = { list, 1 };
    enum outcome o = shape_behind(w, &shape);
    size_t i = 0;

    if (o != DONE)
        return o;
    if (shape == &app_password_shape && w->verb->act == ACT_CREATE && w->out->item)
        want_app_password(w);
    while (i < COUNT(nouns) && nouns[i].shape != shape)
        i++;
    if (i == COUNT(nouns))
        return DONE;
    arguments.count += nouns[i].with_domain;
    if (happened) {
        struct text event = task_printf(w->t, "%s_%s", nouns[i].noun, happened);
        struct texts all = arguments;

        if (shape == &mailbox_shape && strcmp(happened, "deleted") != 0 && config_hook(w->s->config, event).length)
            o = add_mailbox(w, &all);
        if (o == DONE)
            want(w, event, all, (struct text){ 0 });
    }
    if (o == DONE && w->new_password.at)
        want(w, task_printf(w->t, "%s_password", nouns[i].noun), arguments, both_passwords(w));
    return o;
}

int64_t hook_seconds(const struct config *c)
{
    return c->hooks.timeout_seconds;
}

/* What a program says that was given a password may repeat it, and is not kept. */
static struct text reason(struct errand_run *r, const struct program_end *end)
{
    if (r->secret.at || !end->output.length)
        return end->words;
    return task_printf(r->t, "%.*s: %.*s", (int)end->words.length, end->words.at, (int)end->output.length, end->output.at);
}

enum outcome hook_run(struct errand_run *r)
{
    struct text path = config_hook(r->s->config, r->e->event);
    struct text delivery = task_join(r->t, TEXT("POSTREEVE_DELIVERY="), r->e->delivery);
    struct program p = { .input = r->secret, .seconds = r->s->config->hooks.timeout_seconds,
                         .environment = { &delivery, 1 }, .stop = r->stop };
    struct text *all;
    struct texts given = { 0 };
    struct program_end end;
    enum outcome o;

    r->words = TEXT("the configuration names no program for it any more");
    if (!path.length || !texts_unpack(r->t, r->e->payload, &given))
        return INVALID;
    all = task_alloc(r->t, (given.count + 1) * sizeof *all);
    all[0] = path;
    if (given.count)
        memcpy(all + 1, given.items, given.count * sizeof *all);
    p.arguments = (struct texts){ all, given.count + 1 };
    o = program_run(r->t, &p, &end);
    r->words = reason(r, &end);
    r->stopped = end.stopped;
    return o;
}
