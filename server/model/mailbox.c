/* server/model/mailbox.c */
#include "model/mailbox.h"

#include "model/address.h"
#include "model/letter.h"
#include "model/password.h"
#include "model/problem.h"

#include <string.h>

#define DESTINATION_LIST .max = DESTINATIONS_MAX, .entry_max = 320, .canon = destination_canon, .shown = address_shown

static const struct field forward_fields[] = {
    FIELD(struct forward, destinations, DESTINATION_LIST, .option = "forward-to",
          .doc = "Addresses that the mailbox's mail goes on to."),
    FIELD(struct forward, keep_copy, .on = true, .doc = "Whether the mailbox itself gets it, too."),
};
const struct shape forward_shape = SHAPE(struct forward, "Forward", forward_fields);

static const struct field mailbox_fields[] = {
    FIELD(struct mailbox, address, .flags = KEY | NO_BLANK, .max = ADDRESS_MAX, .canon = address_canon,
          .shown = address_shown, .doc = "Where mail arrives, and the login name."),
    FIELD(struct mailbox, local_part, .flags = CREATE_ONLY | KEY_PART | NO_BLANK, .max = LOCAL_PART_MAX, .canon = local_part_canon,
          .doc = "The part before the @, when the domain is already said."),
    FIELD(struct mailbox, display_name, .max = 128, .doc = "The person's name, for people only."),
    FIELD(struct mailbox, password, .flags = SECRET, .min = 1, .max = PASSWORD_MAX,
          .doc = "The password for mail and for this interface."),
    FIELD(struct mailbox, generate_password, .flags = INPUT_ONLY,
          .doc = "Whether the service makes the password; the answer shows it this once."),
    FIELD(struct mailbox, generated_password, .flags = READ_ONLY | ONCE, .doc = "The password that was made."),
    FIELD(struct mailbox, quota_bytes, .min = 1, .max = QUOTA_BYTES_MAX, .flags = BYTES, .option = "quota",
          .doc = "Storage limit; null is no limit."),
    FIELD(struct mailbox, active, .on = true, .doc = "Off: mail is refused and log-in denied."),
    FIELD(struct mailbox, smtp_active, .on = true, .doc = "Off: it cannot send; it gets mail, and reading goes on."),
    FIELD(struct mailbox, frozen, .flags = READ_ONLY,
          .doc = "Whether log-in and sending are blocked for now; it still gets mail."),
    FIELD(struct mailbox, second_factor, .flags = READ_ONLY, .doc = "Whether logging in here takes a code besides the password."),
    FIELD(struct mailbox, forward, .shape = &forward_shape, .doc = "Where its mail goes on to."),
    FIELD(struct mailbox, recovery_address, .max = ADDRESS_MAX, .canon = address_or_none_canon, .shown = address_shown,
          .doc = "An address elsewhere, for when the password is forgotten; empty is none."),
    FIELD(struct mailbox, welcome_letter, .flags = CREATE_ONLY,
          .doc = "Whether it gets a welcome letter; as configured unless given."),
    FIELD(struct mailbox, language, .flags = CREATE_ONLY, .words = letter_language_words,
          .doc = "The welcome letter's; as configured unless given."),
    FIELD(struct mailbox, maildir, .flags = READ_ONLY, .doc = "Where its letters lie, below virtual_mailbox_base."),
    FIELD(struct mailbox, usage_bytes, .flags = READ_ONLY | BYTES, .doc = "Storage in use, as Dovecot counts it."),
    FIELD(struct mailbox, usage_messages, .flags = READ_ONLY, .doc = "Letters in it, as Dovecot counts them."),
    FIELD(struct mailbox, password_expires, .flags = READ_ONLY,
          .doc = "When its password gets too old; null is never."),
    FIELD(struct mailbox, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct mailbox, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape mailbox_shape = SHAPE(struct mailbox, "Mailbox", mailbox_fields);

static const struct field rename_fields[] = {
    FIELD(struct rename, address, .flags = NO_BLANK, .max = ADDRESS_MAX, .canon = address_canon, .option = "to",
          .doc = "The address from now on; it may be in another domain."),
    FIELD(struct rename, local_part, .flags = NO_BLANK, .max = LOCAL_PART_MAX, .canon = local_part_canon,
          .doc = "The part before the @ from now on, when the domain stays."),
    FIELD(struct rename, keep_alias, .doc = "Whether the address of before stays, as an alias to the new one."),
};
const struct shape rename_shape = SHAPE(struct rename, "Rename", rename_fields);

static const struct field alias_fields[] = {
    FIELD(struct alias, address, .flags = KEY | NO_BLANK, .max = ADDRESS_MAX, .canon = alias_address_canon,
          .shown = address_shown, .doc = "Where mail arrives; @domain is the domain's catch-all."),
    FIELD(struct alias, local_part, .flags = CREATE_ONLY | KEY_PART, .max = LOCAL_PART_MAX, .canon = local_part_canon,
          .doc = "The part before the @, when the domain is already said; empty is the catch-all."),
    FIELD(struct alias, destinations, DESTINATION_LIST, .flags = REQUIRED, .min = 1, .option = "to",
          .doc = "Where its mail goes."),
    FIELD(struct alias, description, .max = 255, .doc = "For people only."),
    FIELD(struct alias, active, .on = true, .doc = "Off: mail for it is refused."),
    FIELD(struct alias, until, .doc = "When it stops: from then on mail for it is refused; null is never."),
    FIELD(struct alias, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct alias, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape alias_shape = SHAPE(struct alias, "Alias", alias_fields);

static const struct field leading_fields[] = {
    FIELD(struct leading, aliases, .flags = READ_ONLY, .shown = address_shown,
          .doc = "Aliases of the mailbox's domain whose mail comes to it, also by way of others; @domain is the catch-all."),
    FIELD(struct leading, complete, .flags = READ_ONLY, .doc = "Whether these are all; a list as long as can be shown may not be."),
};
const struct shape leading_shape = SHAPE(struct leading, "LeadingAliases", leading_fields);

const char *const maildir_layout_words[] = { "domain/user", "domain/user@domain", "user@domain", NULL };

struct text mailbox_maildir(struct task *t, struct text address, enum maildir_layout layout)
{
    struct address a = address_split(address);
    int local = (int)a.local_part.length, domain = (int)a.domain.length, whole = (int)address.length;

    switch (layout) {
    case MAILDIR_DOMAIN_USER: return task_printf(t, "%.*s/%.*s/", domain, a.domain.at, local, a.local_part.at);
    case MAILDIR_DOMAIN_ADDRESS: return task_printf(t, "%.*s/%.*s/", domain, a.domain.at, whole, address.at);
    case MAILDIR_ADDRESS: break;
    }
    return task_printf(t, "%.*s/", whole, address.at);
}

/* "user#domain@vacation.domain": Postfix Admin's form, which postreeve-vacation reads back. A user who needs quotes has
 * them around the whole local part. */
static bool is_vacation_target(const struct mailbox *m, struct text destination)
{
    struct address own = address_split(m->address);
    size_t hash = own.local_part.length, at = hash + 1 + own.domain.length;

    return destination.length > at && destination.at[hash] == '#' && destination.at[at] == '@'
        && text_equal(text_part(destination, 0, hash), own.local_part)
        && text_equal(text_part(destination, hash + 1, own.domain.length), own.domain);
}

struct text mailbox_vacation_target(struct task *t, struct text address, struct text vacation_domain)
{
    struct address own = address_split(address);
    struct address target = { task_join(t, task_join(t, own.local_part, TEXT("#")), own.domain), vacation_domain };

    return address_quoted(t, &target);
}

static struct text unquoted_local_part(struct task *t, struct text destination)
{
    struct text bare = destination;

    if (destination.length && destination.at[0] == '"' && address_canon(t, "", destination, &bare) != DONE)
        task_forget_problems(t); /* not ours to judge: a foreign row */
    return bare;
}

/* In either written form, and in whatever case a foreign database has it. */
static bool is_own(const struct mailbox *m, struct text quoted, struct text destination)
{
    return text_equal_folded(destination, m->address) || text_equal_folded(destination, quoted);
}

static struct text own_quoted(struct task *t, const struct mailbox *m)
{
    struct address own = address_split(m->address);

    return address_quoted(t, &own);
}

void mailbox_read_goto(struct task *t, struct mailbox *m)
{
    struct texts list = m->goto_list;
    struct text quoted = own_quoted(t, m);
    size_t kept = 0;

    m->forward.keep_copy = list.count == 0; /* no alias row at all: virtual(8) delivers to the mailbox */
    m->forward.destinations = (struct texts){ list.items, 0 };
    m->vacation_target = (struct text){ 0 };
    for (size_t i = 0; i < list.count; i++) {
        if (is_own(m, quoted, list.items[i]))
            m->forward.keep_copy = true;
        else if (is_vacation_target(m, unquoted_local_part(t, list.items[i])))
            m->vacation_target = list.items[i];
        else
            list.items[kept++] = list.items[i];
    }
    m->forward.destinations.count = kept;
}

void mailbox_write_goto(struct task *t, struct mailbox *m)
{
    const struct texts *to = &m->forward.destinations;
    struct text quoted = own_quoted(t, m);
    struct texts list = { task_alloc(t, (to->count + 2) * sizeof *list.items), 0 };

    for (size_t i = 0; i < to->count; i++)
        if (!is_own(m, quoted, to->items[i]))
            list.items[list.count++] = to->items[i];
    if (m->vacation_target.length)
        list.items[list.count++] = m->vacation_target;
    if (m->forward.keep_copy)
        list.items[list.count++] = quoted;
    m->goto_list = list;
}

void mailbox_readdress(struct task *t, struct mailbox *m, struct text address)
{
    struct address own = address_split(address);

    m->address = address;
    m->local_part = own.local_part;
    m->domain = own.domain;
    if (m->vacation_target.length)
        m->vacation_target = mailbox_vacation_target(t, address, address_split(m->vacation_target).domain);
    mailbox_write_goto(t, m);
}

enum outcome recovery_admit(struct task *t, struct text address, struct text recovery_address)
{
    if (recovery_address.length && text_equal(address, recovery_address))
        return task_problem(t, "recovery_address", &problem_self_destination);
    return DONE;
}

/* A directory is named after it, so it must not climb out of virtual_mailbox_base or hide. */
static bool names_a_directory(struct text local_part)
{
    return local_part.length && local_part.at[0] != '.' && text_find(local_part, '/') == TEXT_NOT_FOUND;
}

enum outcome mailbox_quota_admit(struct task *t, const struct room_left *room, struct limit quota)
{
    struct limit each = room->home.mailbox_quota_max_bytes, all = room->home.quota_bytes;
    struct limit tighter = each.bounded ? each : all;
    int64_t left = all.most - room->other_quota_bytes;

    if (!each.bounded && !all.bounded)
        return DONE;
    if (tighter.most == 0)
        return task_problem(t, "quota_bytes", &problem_quota_not_allowed);
    if (!quota.bounded)
        return task_problem_figure(t, "quota_bytes", &problem_quota_must_be_bounded, "max", tighter.most);
    if (each.bounded && quota.most > each.most)
        return task_problem_figure(t, "quota_bytes", &problem_quota_above_ceiling, "max", each.most);
    if (all.bounded && quota.most > left)
        return task_problem_figure(t, "quota_bytes", &problem_domain_quota_exceeded, "max", left > 0 ? left : 0);
    return DONE;
}

enum outcome forward_admit(struct task *t, const char *prefix, const struct forward *f)
{
    if (f->destinations.count || f->keep_copy)
        return DONE;
    return task_problem(t, task_printf(t, "%sdestinations", prefix).at, &problem_no_destination);
}

enum outcome mailbox_admit(struct task *t, const struct room_left *room, const struct mailbox *m, bool is_new)
{
    enum outcome o = DONE;

    if (is_new && !names_a_directory(address_split(m->address).local_part))
        return task_problem(t, "address", &problem_bad_path_character);
    if (is_new)
        o = mailbox_count_admit(t, room);
    return o == DONE ? forward_admit(t, "forward.", &m->forward) : o;
}

enum outcome mailbox_count_admit(struct task *t, const struct room_left *room)
{
    struct limit most = room->home.mailbox_limit;

    if (most.bounded && room->other_mailboxes >= most.most)
        return task_problem_figure(t, "address", &problem_mailbox_limit_reached, "max", most.most);
    return DONE;
}

enum outcome alias_admit(struct task *t, const struct room_left *room)
{
    struct limit most = room->home.alias_limit;

    if (most.bounded && room->other_aliases >= most.most)
        return task_problem_figure(t, "address", &problem_alias_limit_reached, "max", most.most);
    return DONE;
}

enum outcome alias_destinations_admit(struct task *t, const char *field, struct text address,
                                      const struct texts *destinations)
{
    struct address own = address_split(address);
    struct text quoted = address_quoted(t, &own);

    if (destinations->count == 0)
        return task_problem(t, field, &problem_no_destination);
    for (size_t i = 0; i < destinations->count; i++)
        if (text_equal(destinations->items[i], quoted))
            return task_problem(t, field, &problem_self_destination);
    return DONE;
}
