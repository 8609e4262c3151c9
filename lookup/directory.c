/* lookup/directory.c */
#include "lookup/directory.h"

#include "store/connection.h"

enum outcome directory_connect(struct task *t, const struct config *c)
{
    const struct database_settings *d = &c->lookup;
    struct store_settings s = {
        .servers = d->servers,
        .socket = d->socket,
        .name = d->name,
        .user = d->user,
        .password = d->password,
        .option_file = d->option_file,
        .pool = 1,
        .connect_seconds = d->connect_seconds,
        .read_seconds = d->read_seconds,
        .write_seconds = d->write_seconds,
        .quota_multiplier = c->quota.multiplier,
    };

    return store_connect(t, &s);
}

struct asked directory_settings(const struct config *c)
{
    return (struct asked){ .base = c->mail.virtual_mailbox_base, .uid = c->mail.uid, .gid = c->mail.gid,
                           .limit = c->mail.virtual_mailbox_limit, .multiplier = c->quota.multiplier,
                           .selector = TEXT(""),
                           .main_suffices = !c->password.second_factor_needs_app_password };
}

struct statement directory_statement(const struct question *q)
{
    return (struct statement){ q->map, q->sql, &asked_shape, &answer_shape };
}

static struct text append(struct task *t, struct text whole, const char *between, struct text piece)
{
    return whole.length ? task_join(t, task_join(t, whole, text_of(between)), piece) : piece;
}

/* NULL and the empty value are no value: Postfix goes past both. */
static struct text values_of(struct task *t, const struct rows *rows)
{
    const struct answer *row = rows->items;
    struct text all = TEXT("");

    for (size_t i = 0; i < rows->count; i++)
        if (row[i].value.length)
            all = append(t, all, ",", row[i].value);
    return all;
}

static struct text fields_of(struct task *t, const struct answer *row)
{
    struct text all = TEXT("");

    for (size_t i = 0; i < answer_shape.count; i++) {
        const struct field *f = &answer_shape.fields[i];
        const struct text *value = field_in(f, row);

        if (value->at)
            all = append(t, all, "\t", task_printf(t, "%s=%.*s", f->name, (int)value->length, value->at));
    }
    return all;
}

enum outcome directory_answer(struct task *t, const struct question *q, const struct asked *settings,
                              struct text key, struct text *out)
{
    struct statement s = directory_statement(q);
    struct asked a = *settings;
    struct rows rows = { 0 };
    enum outcome o;

    *out = TEXT("");
    if (!question_key(t, q, key, &a)) {
        task_forget_problems(t);
        return MISSING;
    }
    a.service = TEXT("imap"); /* of all services, the one that asks for nothing but the log-in */
    o = statement_all(t, &s, &a, &rows);
    if (o != DONE || rows.count == 0)
        return o == DONE ? MISSING : o;
    *out = q->answer == ANSWER_VALUE ? values_of(t, &rows) : fields_of(t, rows.items);
    return out->length ? DONE : MISSING;
}
