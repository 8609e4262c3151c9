/* server/service/vacation.c - what a mailbox answers while its owner is away: one's own, and another's */
#include "service/tables.h"

#include "store/mailbox.h"
#include "store/vacation.h"

/* On is the row and the destination; a database that others write may have one without the other. */
static enum outcome look_up(struct work *w, const struct mailbox *m, struct vacation *out)
{
    enum outcome o = store_vacation_find(w->t, m->address, out);

    if (o == MISSING)
        *out = (struct vacation){ .subject = TEXT(""), .body = TEXT(""), .interval_seconds = VACATION_INTERVAL_DEFAULT };
    out->active = out->active && m->vacation_target.length;
    return o == MISSING ? DONE : o;
}

static enum outcome show_of(struct work *w, struct text address)
{
    struct vacation *v = task_alloc(w->t, sizeof *v);
    struct mailbox m = { 0 };
    enum outcome o = store_mailbox_find(w->t, address, &m);

    w->out->item = v;
    return o == DONE ? look_up(w, &m, v) : o;
}

static void fill_in(struct work *w, struct vacation *v, const struct mailbox *m)
{
    v->address = m->address;
    v->domain = m->domain;
    if (!v->subject.at)
        v->subject = TEXT("");
    if (!v->body.at)
        v->body = TEXT("");
    if (!(w->in->given & shape_bit(&vacation_shape, "interval_seconds")))
        v->interval_seconds = VACATION_INTERVAL_DEFAULT;
}

/* Its letters reach the program that answers, or do so no more. Where that program was all they reached, they stay here. */
static enum outcome turn(struct work *w, const struct mailbox *locked, bool on)
{
    struct mailbox m = *locked;

    m.vacation_target = (struct text){ 0 };
    if (on)
        m.vacation_target = mailbox_vacation_target(w->t, m.address, w->s->config->mail.vacation_domain);
    else if (m.forward.destinations.count == 0)
        m.forward.keep_copy = true;
    mailbox_write_goto(w->t, &m);
    return store_mailbox_update(w->t, &m);
}

static enum outcome set_of(struct work *w, const struct mailbox *m)
{
    struct vacation v = *(const struct vacation *)w->in->body, *before = task_alloc(w->t, sizeof *before);
    enum outcome o = look_up(w, m, before);

    w->logged = &vacation_shape;
    w->before = before;
    fill_in(w, &v, m);
    if (o == DONE)
        o = require_match(w, &vacation_shape, before);
    if (o == DONE)
        o = vacation_admit(w->t, &v, w->s->config->mail.vacation_domain);
    if (o == DONE)
        o = turn(w, m, v.active);
    if (o == DONE)
        o = store_vacation_save(w->t, &v);
    if (o == DONE && v.active != before->active)
        o = store_vacation_forget_senders(w->t, v.address);
    return o == DONE ? show_of(w, v.address) : o;
}

static enum outcome show_own(struct work *w)
{
    enum outcome o = show_of(w, w->actor->username);

    return o == MISSING ? STRANGER : o;
}

static enum outcome set_own(struct work *w)
{
    struct mailbox m = { 0 };
    enum outcome o = store_mailbox_lock(w->t, w->actor->username, &m);

    own_target(w);
    if (o == DONE)
        o = keep_image(w, IMAGE_MAILBOX, w->key);
    if (o == DONE)
        o = set_of(w, &m);
    return o == MISSING ? STRANGER : o;
}

static enum outcome show_others(struct work *w)
{
    return show_of(w, w->key);
}

static enum outcome set_others(struct work *w)
{
    const struct mailbox *m = w->before; /* locked, and kept for undoing */

    w->domain = m->domain;
    return set_of(w, m);
}

/* ---- what leads to one's mailbox ---- */

static enum outcome show_leading(struct work *w)
{
    struct leading *out = task_alloc(w->t, sizeof *out);

    w->out->item = out;
    return store_aliases_leading_to(w->t, w->actor->username, out);
}

const struct verb vacation_verbs[] = {
    { "me.vacation", ACT_SHOW, MAY_USE_MAILBOX, NULL, NULL, &vacation_shape, show_own,
      "Show what one's mailbox answers while one is away", false },
    { "me.set-vacation", ACT_UPDATE, MAY_USE_MAILBOX, NULL, &vacation_shape, &vacation_shape, set_own,
      "Say what one's mailbox answers while one is away", false },
    { "me.aliases", ACT_SHOW, MAY_USE_MAILBOX, NULL, NULL, &leading_shape, show_leading,
      "Show which aliases lead to one's mailbox", false },
    { "mailbox.vacation", ACT_SHOW, MAY_READ_MAILBOXES, &mailbox_resource, NULL, &vacation_shape, show_others,
      "Show what a mailbox answers while its owner is away", false },
    { "mailbox.set-vacation", ACT_UPDATE, MAY_EDIT_MAILBOXES, &mailbox_resource, &vacation_shape, &vacation_shape, set_others,
      "Say what a mailbox answers while its owner is away", false },
    { 0 },
};
