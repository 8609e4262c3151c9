/* server/store/rename.c */
#include "store/rename.h"

#include "model/address.h"
#include "store/mailbox.h"
#include "store/statements.h"

struct renaming_row {
    struct text from, to, local_part, domain, owner, quoted_from, quoted_to;
    struct texts goto_list, only;
    bool active;
};

static const struct field fields[] = {
    COLUMN(struct renaming_row, from),        COLUMN(struct renaming_row, to),        COLUMN(struct renaming_row, local_part),
    COLUMN(struct renaming_row, domain),      COLUMN(struct renaming_row, owner),     COLUMN(struct renaming_row, quoted_from),
    COLUMN(struct renaming_row, quoted_to),   COLUMN(struct renaming_row, goto_list), COLUMN(struct renaming_row, active),
    COLUMN(struct renaming_row, only),
};
static const struct shape shape = SHAPE(struct renaming_row, "Renaming", fields);

/* As a member of the list, which its commas bound. */
#define IN_COMMAS(list) "CONCAT(',', " list ", ',')"

enum {
    MAILBOX, FORWARD, LACKING_FORWARD, VACATION, NOTIFICATIONS, OLD_VACATION, FIRST_PLAIN = OLD_VACATION + 1,
};
const struct statement rename_statements[] = {
    [MAILBOX] = { "rename.mailbox",
                  /* What had no end in its domain of before must not have ended in the new one. */
                  "UPDATE mailbox SET password_expiry = IF(domain <> :domain AND password_expiry <= NOW(),"
                  " COALESCE((SELECT NOW() + INTERVAL e.password_expiry DAY FROM domain e WHERE e.domain = :domain"
                  " AND e.password_expiry > 0), password_expiry), password_expiry), username = :to,"
                  " local_part = :local_part, domain = :domain, modified = NOW()"
                  " WHERE username = :from",
                  &shape, NULL },
    [FORWARD] = { "rename.forward",
                  "UPDATE alias SET address = :to, goto = :goto_list, domain = :domain, modified = NOW()"
                  " WHERE address = :from",
                  &shape, NULL },
    /* A foreign database may lack the row: then it is made. */
    [LACKING_FORWARD] = { "rename.lacking_forward",
                          "INSERT INTO alias (address, goto, domain, active, created, modified)"
                          " VALUES (:to, :goto_list, :domain, :active, NOW(), NOW())",
                          &shape, NULL },
    /* Its notifications hang on the row by a foreign key, so that it cannot just change its name. */
    [VACATION] = { "rename.vacation",
                   "INSERT INTO vacation (email, subject, body, cache, domain, created, active, modified, activefrom,"
                   " activeuntil, interval_time) SELECT :to, v.subject, v.body, v.cache, :domain, v.created, v.active,"
                   " v.modified, v.activefrom, v.activeuntil, v.interval_time FROM vacation v WHERE v.email = :from",
                   &shape, NULL },
    [NOTIFICATIONS] = { "rename.notifications",
                        "UPDATE vacation_notification SET on_vacation = :to WHERE on_vacation = :from", &shape, NULL },
    [OLD_VACATION] = { "rename.old_vacation", "DELETE FROM vacation WHERE email = :from", &shape, NULL },
    [FIRST_PLAIN] = { "rename.usage", "UPDATE quota2 SET username = :to WHERE username = :from", &shape, NULL },
    { "rename.old_usage", "UPDATE quota SET username = :to WHERE username = :from", &shape, NULL },
    { "rename.app_passwords", "UPDATE mailbox_app_password SET username = :to WHERE username = :from", &shape, NULL },
    { "rename.exceptions", "UPDATE totp_exception_address SET username = :to WHERE username = :from", &shape, NULL },
    { "rename.second_factor",
      "UPDATE postreeve_second_factor SET username = :to, offered = NULL WHERE account = 'mailbox' AND username = :from",
      &shape, NULL },
    { "rename.recovery_codes",
      "UPDATE postreeve_recovery_code SET username = :to WHERE account = 'mailbox' AND username = :from", &shape, NULL },
    { "rename.log_ins", "UPDATE postreeve_log_in SET username = :to WHERE account = 'mailbox' AND username = :from", &shape,
      NULL },
    { "rename.password_resets", "DELETE FROM postreeve_password_reset WHERE account = 'mailbox' AND username = :from", &shape,
      NULL },
    { "rename.fetchmail", "UPDATE fetchmail SET mailbox = :to, domain = :domain WHERE mailbox = :from", &shape, NULL },
    { "rename.sender_logins",
      "UPDATE postreeve_sender_login SET login = :to, login_domain = :domain WHERE login = :from", &shape, NULL },
    /* The name may be lent under its new spelling already; that row then stands for both. */
    { "rename.lent", "UPDATE IGNORE postreeve_sender_login SET sender = :to, domain = :domain WHERE sender = :from", &shape,
      NULL },
    /* The last: whose destination it is. Rows of domains that are not the actor's, or of accounts that outrank them, stay. */
    { "rename.follow",
      "UPDATE alias SET modified = NOW(), goto = TRIM(BOTH ',' FROM"
      " REPLACE(" IN_COMMAS("goto") ", " IN_COMMAS(":quoted_from") ", " IN_COMMAS(":quoted_to") "))"
      " WHERE INSTR(" IN_COMMAS("goto") ", " IN_COMMAS(":quoted_from") ") > 0"
      " AND (COALESCE(:only, '') = '' OR FIND_IN_SET(domain, :only)) AND (:owner IS NULL"
      " OR domain IN (SELECT da.domain FROM domain_admins da WHERE da.username = :owner AND da.active = 1)"
      " AND NOT EXISTS (SELECT 1 FROM admin s WHERE s.username = address AND s.superadmin = 1))",
      &shape, NULL },
    { 0 },
};

static struct renaming_row row_for(struct task *t, const struct renaming *r)
{
    struct address from = address_split(r->from), to = address_split(r->to->address);

    return (struct renaming_row){
        .from = r->from, .to = r->to->address, .local_part = r->to->local_part, .domain = r->to->domain, .owner = r->owner,
        .only = r->only,
        .quoted_from = address_quoted(t, &from), .quoted_to = address_quoted(t, &to), .goto_list = r->to->goto_list,
        .active = r->to->active,
    };
}

static enum outcome carry(struct task *t, const struct renaming_row *row, int64_t *followed)
{
    enum outcome o = DONE;

    for (const struct statement *s = &rename_statements[VACATION]; o == DONE && s->name; s++)
        o = statement_run(t, s, row, followed);
    return o;
}

enum outcome store_mailbox_rename(struct task *t, const struct renaming *r, int64_t *followed)
{
    struct renaming_row row = row_for(t, r);
    int64_t found = 0;
    enum outcome o = statement_run(t, &rename_statements[MAILBOX], &row, NULL);

    if (o == DONE)
        o = statement_run(t, &rename_statements[FORWARD], &row, &found);
    if (o == DONE && found == 0)
        o = statement_run(t, &rename_statements[LACKING_FORWARD], &row, NULL);
    if (o == DONE)
        o = store_mailbox_sweep(t, row.to);
    return o == DONE ? carry(t, &row, followed) : o;
}
