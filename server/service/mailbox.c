/* server/service/mailbox.c - mailboxes */
#include "service/tables.h"

#include "model/address.h"
#include "model/problem.h"
#include "store/account.h"
#include "store/domain.h"
#include "store/mailbox.h"

static enum outcome place(struct work *w)
{
    const struct mailbox *m = w->in->body;

    return place_address(w, m->address, m->local_part, w->in->given & shape_bit(&mailbox_shape, "local_part"));
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_mailbox_lock(t, key, out);
}

static enum outcome show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct mailbox));
    return store_mailbox_find(w->t, w->key, w->out->item);
}

static enum outcome show_with(struct work *w, struct text generated)
{
    enum outcome o = show(w);

    ((struct mailbox *)w->out->item)->generated_password = generated;
    return o;
}

static enum outcome list(struct work *w)
{
    struct scope scope = list_scope(w);
    enum outcome o = store_mailbox_page(w->t, &w->in->page, &scope, &w->out->list);

    if (o == DONE && w->out->list.rows.count == 0 && w->in->domain.length)
        o = store_domain_exists(w->t, w->in->domain); /* an empty domain, or none? */
    return o;
}

static enum outcome forward_is_sound(struct work *w, const struct mailbox *m)
{
    return destinations_without_loop(w, "forward.destinations", m->address, &m->forward.destinations);
}

static void welcome(struct work *w, const struct mailbox *m)
{
    const struct letter_value values[] = { { "address", m->address },
                                           { "display_name", m->display_name.length ? m->display_name : m->address },
                                           { "domain", m->domain } };
    struct letter_wanted letter = { .to = m->address, .to_name = m->display_name, .domain = m->domain,
                                    .language = m->language, .kind = LETTER_WELCOME, .values = values, .count = COUNT(values) };
    bool asked = w->in->given & shape_bit(&mailbox_shape, "welcome_letter");

    if (asked ? m->welcome_letter : w->s->config->letters.welcome)
        errand_letter(w, &letter);
}

/* As the database would give it: nothing of a new one is computed there but the day on which its password gets too old. That
 * nothing is in use is so until Dovecot has counted. */
static enum outcome show_new(struct work *w, const struct mailbox *m, const struct room_left *room, struct text generated)
{
    struct mailbox *shown;

    if (m->password_days > 0)
        return show_with(w, generated);
    shown = task_alloc(w->t, sizeof *shown);
    *shown = (struct mailbox){
        .address = m->address, .local_part = m->local_part, .domain = m->domain, .display_name = m->display_name,
        .quota_bytes = m->quota_bytes, .active = m->active, .smtp_active = m->smtp_active, .goto_list = m->goto_list,
        .recovery_address = m->recovery_address.at ? m->recovery_address : TEXT(""), .maildir = m->maildir,
        .stored_password = m->stored_password, .created = room->now, .modified = room->now,
        .generated_password = generated,
    };
    mailbox_read_goto(w->t, shown);
    w->out->item = shown;
    return DONE;
}

static enum outcome create(struct work *w)
{
    struct mailbox m = *(const struct mailbox *)w->in->body;
    struct chosen_password chosen = { m.generate_password, m.password, w->key };
    struct text generated = { 0 };
    struct room_left room = { 0 };
    enum outcome o = choose_password(w, &chosen, &m.stored_password, &generated);

    m.address = w->key;
    m.domain = w->domain;
    m.local_part = address_split(w->key).local_part;
    m.maildir = mailbox_maildir(w->t, w->key, w->s->layout);
    if (!m.display_name.at)
        m.display_name = TEXT("");
    mailbox_write_goto(w->t, &m);
    if (o == DONE)
        o = recovery_admit(w->t, m.address, m.recovery_address);
    if (o == DONE)
        o = room_in_domain(w, ROOM_FOR_MAILBOX, &room);
    if (o == DONE)
        o = mailbox_admit(w->t, &room, &m, true);
    if (o == DONE)
        o = mailbox_quota_admit(w->t, &room, m.quota_bytes);
    if (o == DONE)
        o = forward_is_sound(w, &m);
    m.stamp = room.stamp;
    m.password_days = room.home.password_expiry_days;
    if (o == DONE)
        o = store_mailbox_insert(w->t, &m);
    if (o == CONFLICT)
        return conflict(w, "address", &problem_taken);
    if (o == DONE)
        welcome(w, &m);
    return o == DONE ? show_new(w, &m, &room, generated) : o;
}

static bool limits_equal(struct limit a, struct limit b)
{
    return a.bounded == b.bounded && (!a.bounded || a.most == b.most);
}

/* Rules judge what changes; what an older rule, or a foreign database, let in may stay as it is. */
static enum outcome admit_change(struct work *w, const struct mailbox *before, const struct mailbox *after)
{
    struct room_left room = { 0 };
    enum outcome o = DONE;

    if (!limits_equal(before->quota_bytes, after->quota_bytes)) {
        o = room_in_domain(w, ROOM_FOR_MAILBOX, &room);
        if (o == DONE)
            o = mailbox_quota_admit(w->t, &room, after->quota_bytes);
    }
    if (o == DONE && w->in->given & shape_bit(&mailbox_shape, "recovery_address"))
        o = recovery_admit(w->t, after->address, after->recovery_address);
    if (o != DONE || !(w->in->given & shape_bit(&mailbox_shape, "forward")))
        return o;
    o = mailbox_admit(w->t, &room, after, false);
    return o == DONE ? forward_is_sound(w, after) : o;
}

static enum outcome update(struct work *w)
{
    struct mailbox *m = patched(w, &mailbox_shape, sizeof *m);
    struct chosen_password chosen = { m->generate_password, m->password, w->key };
    bool new_password = chosen.generate || w->in->given & shape_bit(&mailbox_shape, "password");
    struct text generated = { 0 };
    enum outcome o = DONE;

    w->domain = m->domain;
    if (!m->display_name.at)
        m->display_name = TEXT("");
    if (new_password)
        o = choose_password(w, &chosen, &m->stored_password, &generated);
    if (o == DONE)
        o = admit_change(w, w->before, m);
    mailbox_write_goto(w->t, m);
    if (o == DONE)
        o = store_mailbox_update(w->t, m);
    if (o == DONE && new_password)
        o = account_end_access(w, w->key, "mailbox", (struct text){ 0 });
    return o == DONE ? show_with(w, generated) : o;
}

static enum outcome erase(struct work *w)
{
    enum outcome o = account_end_access(w, w->key, "mailbox", (struct text){ 0 });

    w->domain = ((const struct mailbox *)w->before)->domain;
    return o == DONE ? store_mailbox_delete(w->t, w->key) : o;
}

static enum outcome vacant(struct work *w)
{
    struct alias taken = { 0 };
    enum outcome o = store_alias_lock(w->t, w->key, &taken);

    if (o == DONE)
        return conflict(w, "address", &problem_taken);
    return o == MISSING ? DONE : o;
}

static enum outcome readmit(struct work *w)
{
    const struct mailbox *m = w->after;
    struct room_left room = { 0 };
    enum outcome o = room_in_domain(w, ROOM_FOR_MAILBOX, &room);

    if (o == DONE)
        o = mailbox_count_admit(w->t, &room);
    return o == DONE ? mailbox_quota_admit(w->t, &room, m->quota_bytes) : o;
}

/* A stolen account: nobody logs in or sends, and letters still come in. Freezing what is frozen changes nothing. */
static enum outcome freeze(struct work *w)
{
    enum outcome o = store_mailbox_freeze(w->t, w->key);

    w->domain = ((const struct mailbox *)w->before)->domain;
    if (o == DONE)
        o = account_end_access(w, w->key, "mailbox", (struct text){ 0 });
    return o == DONE ? show(w) : o;
}

static enum outcome thaw(struct work *w)
{
    enum outcome o = store_mailbox_thaw(w->t, w->key);

    w->domain = ((const struct mailbox *)w->before)->domain;
    return o == DONE ? show(w) : o;
}

const struct resource mailbox_resource = {
    .noun = "mailbox", .key = "address", .shape = &mailbox_shape, .canon = address_canon, .place = place,
    .belongs = domain_of_address, .ranked = true, .lock = lock, .size = sizeof(struct mailbox), .listing = &mailbox_listing,
    .image = IMAGE_MAILBOX, .image_whole = IMAGE_MAILBOX_WHOLE, .vacant = vacant,
    .readmit = readmit,
};

const struct verb mailbox_verbs[] = {
    { "mailbox.list", ACT_LIST, MAY_READ_MAILBOXES, &mailbox_resource, NULL, &mailbox_shape, list, "List mailboxes",
      false },
    { "mailbox.show", ACT_SHOW, MAY_READ_MAILBOXES, &mailbox_resource, NULL, &mailbox_shape, show, "Show a mailbox",
      false },
    { "mailbox.create", ACT_CREATE, MAY_EDIT_MAILBOXES, &mailbox_resource, &mailbox_shape, &mailbox_shape, create,
      "Add a mailbox", false },
    { "mailbox.update", ACT_UPDATE, MAY_EDIT_MAILBOXES, &mailbox_resource, &mailbox_shape, &mailbox_shape, update,
      "Change a mailbox", false },
    { "mailbox.delete", ACT_DELETE, MAY_EDIT_MAILBOXES, &mailbox_resource, NULL, NULL, erase,
      "Delete a mailbox; its letters on disk stay", false },
    { "mailbox.rename", ACT_DO, MAY_EDIT_MAILBOXES, &mailbox_resource, &rename_shape, &mailbox_shape, mailbox_rename,
      "Give a mailbox another address", false },
    { "mailbox.freeze", ACT_DO, MAY_EDIT_MAILBOXES, &mailbox_resource, NULL, &mailbox_shape, freeze,
      "Block log-in and sending for a stolen account; it still gets mail", false },
    { "mailbox.thaw", ACT_DO, MAY_EDIT_MAILBOXES, &mailbox_resource, NULL, &mailbox_shape, thaw,
      "Give a frozen mailbox back as it was", false },
    { 0 },
};
