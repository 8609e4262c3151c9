/* server/config/config.c - the file, read into the struct */
#include "config/parts.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
    struct task *t;
    struct config *out;
    const char *path;
    unsigned mode;
    FILE *file;
    int line; /* inih, as Debian builds it, does not say where it is: we count what it reads */
    int lines[CONFIG_SECTIONS_MAX][64]; /* where each field was given; 0: nowhere */
    bool wrong;
};

static void complain(struct reading *r, int line, const char *words)
{
    r->wrong = true;
    if (line)
        log_line(LOG_FAULT, "%s:%d: %s", r->path, line, words);
    else
        log_line(LOG_FAULT, "%s: %s", r->path, words);
}

static enum outcome set_texts(struct task *t, const struct field *f, struct text value, struct texts *out)
{
    out->items = task_alloc(t, (value.length + 1) * sizeof *out->items);
    out->count = 0; /* what is given stands in for the usual ones */
    while (value.length) {
        size_t comma = text_find(value, ',');
        struct text entry = text_trim(text_part(value, 0, comma));

        if (entry.length)
            out->items[out->count++] = entry;
        value = comma == TEXT_NOT_FOUND ? TEXT("") : text_part(value, comma + 1, value.length);
    }
    return field_check_texts(t, f, f->name, out);
}

static enum outcome set_boolean(struct task *t, const struct field *f, struct text value, bool *out)
{
    static const char *const words[][2] = { { "no", "yes" }, { "off", "on" }, { "false", "true" }, { "0", "1" } };

    for (size_t i = 0; i < COUNT(words); i++)
        for (int is = 0; is < 2; is++)
            if (text_equal_folded(value, text_of(words[i][is]))) {
                *out = is;
                return DONE;
            }
    return task_problem(t, f->name, &problem_wrong_type);
}

static enum outcome set_value(struct task *t, const struct field *f, struct text value, void *at)
{
    switch (f->kind) {
    case KIND_TEXT: {
        struct text checked = value;
        enum outcome o = field_check_text(t, f, f->name, &checked);

        *(struct text *)at = (struct text){ task_c_string(t, checked), checked.length };
        return o;
    }
    case KIND_TEXTS: return set_texts(t, f, task_copy(t, value), at); /* inih uses its line's memory again */
    case KIND_BOOLEAN: return set_boolean(t, f, value, at);
    default:
        if (!text_to_int64(value, at))
            return task_problem(t, f->name, &problem_wrong_type);
        return field_check_integer(t, f, f->name, *(int64_t *)at);
    }
}

static void explain(struct reading *r, int line, const struct field *f)
{
    const struct problem *p = task_problems(r->t);
    struct text words = task_printf(r->t, "%s %s", f->name, p ? problem_detail(r->t, p).at : "is wrong");

    if (f->words) {
        words = task_join(r->t, words, TEXT(": expected one of"));
        for (const char *const *w = f->words; *w; w++)
            words = task_join(r->t, words, task_printf(r->t, " %s", *w));
    } else if (f->kind == KIND_INTEGER) {
        words = task_join(r->t, words, task_printf(r->t, ": expected a number from %lld to %lld", (long long)f->min,
                                                   (long long)f->max));
    } else if (f->kind == KIND_BOOLEAN) {
        words = task_join(r->t, words, TEXT(": expected yes or no"));
    }
    complain(r, line, words.at);
    task_forget_problems(r->t);
}

static char *next_line(char *into, int size, void *context)
{
    struct reading *r = context;
    int length = 0, c;
    bool too_long = false, nul = false;

    while ((c = fgetc(r->file)) != EOF) {
        nul = nul || c == 0;
        too_long = too_long || length == size - 1;
        if (!too_long)
            into[length++] = (char)c;
        if (c == '\n')
            break;
    }
    if (c == EOF && length == 0)
        return NULL;
    into[length] = 0;
    r->line++;
    if (too_long)
        complain(r, r->line, task_printf(r->t, "is longer than %d octets", size - 2).at);
    if (nul)
        complain(r, r->line, "holds a NUL, which no text does");
    return into;
}

static int take(void *context, const char *section, const char *key, const char *value)
{
    struct reading *r = context;
    int line = r->line;
    size_t i = 0;
    const struct shape *s;
    const struct field *f;

    while (config_sections[i].name && strcmp(config_sections[i].name, section) != 0)
        i++;
    s = config_sections[i].shape;
    f = s ? shape_field(s, text_of(key)) : NULL;
    if (!s) {
        complain(r, line, task_printf(r->t, "there is no section [%s]", section).at);
    } else if (!f) {
        complain(r, line, task_printf(r->t, "section [%s] has no key %s", section, key).at);
    } else if (r->lines[i][f - s->fields]) {
        complain(r, line, task_printf(r->t, "%s is given twice", key).at);
    } else {
        void *at = (char *)r->out + config_sections[i].offset + f->offset;

        r->lines[i][f - s->fields] = line;
        if (set_value(r->t, f, text_of(value), at) != DONE)
            explain(r, line, f);
        if ((f->flags & SECRET) && (r->mode & OTHERS))
            complain(r, line, "holds a password, so others must not read the file: chmod o= it");
    }
    return 1;
}

static void set_defaults(struct task *t, struct config *out)
{
    memset(out, 0, sizeof *out);
    for (const struct config_default *d = config_defaults; d->section; d++)
        for (const struct config_section *s = config_sections; s->name; s++) {
            const struct field *f;

            if (strcmp(s->name, d->section) != 0)
                continue;
            f = shape_field(s->shape, text_of(d->key));
            if (!f || set_value(t, f, text_of(d->value), (char *)out + s->offset + f->offset) != DONE)
                abort(); /* our own table is wrong */
        }
}

static int line_of(const struct reading *r, const char *section, const char *key)
{
    for (size_t i = 0; config_sections[i].name; i++)
        if (strcmp(config_sections[i].name, section) == 0)
            return r->lines[i][shape_field(config_sections[i].shape, text_of(key)) - config_sections[i].shape->fields];
    return 0;
}

/* A file that another can write could point us at another database; one that holds a secret is checked per key. */
static void check_option_file(struct reading *r, const char *section, struct text file)
{
    int line = line_of(r, section, "option_file");
    struct stat about;

    if (!file.length)
        return;
    if (stat(file.at, &about) != 0)
        complain(r, line, task_printf(r->t, "option_file %s: %s", file.at, strerror(errno)).at);
    else if (about.st_mode & OTHERS)
        complain(r, line, task_printf(r->t, "option_file %s must not be open to others: chmod o= it", file.at).at);
}

static void read_common_list(struct reading *r)
{
    struct text path = r->out->password.common_list, file = TEXT("");
    int line = line_of(r, "password", "common_list");
    const char *wrong;

    if (!path.length || text_equal(path, TEXT("none")))
        return;
    if (!line && access(path.at, F_OK) != 0)
        return; /* nobody asked for the usual one, and it is not installed */
    wrong = config_read_whole(r->t, path.at, &file);
    if (wrong)
        complain(r, line, task_printf(r->t, "common_list %s: %s", path.at, wrong).at);
    r->out->common_passwords = password_list(r->t, file);
}

static bool is_named_before(const struct endpoints *servers, const struct endpoint *e)
{
    for (size_t i = 0; i < servers->count; i++)
        if (endpoint_equal(&servers->items[i], e))
            return true;
    return false;
}

static void take_servers(struct reading *r, const char *section, struct database_settings *d)
{
    struct text nowhere = TEXT("");
    struct texts named = d->host.count ? d->host : (struct texts){ &nowhere, 1 };
    int line = line_of(r, section, "host");

    d->servers.items = task_alloc(r->t, named.count * sizeof *d->servers.items);
    for (size_t i = 0; i < named.count; i++) {
        struct endpoint *e = &d->servers.items[i];
        const char *wrong = d->host.count ? endpoint_parse(r->t, named.items[i], e) : NULL;

        if (e->port == 0)
            e->port = d->port;
        if (!wrong && is_named_before(&d->servers, e))
            wrong = "is named twice";
        if (wrong)
            complain(r, line, task_printf(r->t, "host: %.*s %s", (int)named.items[i].length, named.items[i].at, wrong).at);
        d->servers.count++;
    }
}

/* What is on standard input of these has to wait in the database, and never in clear. */
static void check_secret_hooks(struct reading *r)
{
    static const char *const secret[] = { "mailbox_password", "mailbox_app_password", "admin_password" };

    for (size_t i = 0; i < COUNT(secret) && !r->out->secrets.key_file.length; i++)
        if (config_hook(r->out, text_of(secret[i])).length)
            complain(r, line_of(r, "hooks", secret[i]),
                     task_printf(r->t, "%s is given passwords, so it needs key_file in [secrets]", secret[i]).at);
}

/* Neither is worth anything without the other. */
static void check_pair(struct reading *r, const char *section, const char *one, struct text is, const char *other,
                       struct text is_too)
{
    if (is.length && !is_too.length)
        complain(r, line_of(r, section, one), task_printf(r->t, "%s needs a %s", one, other).at);
    if (is_too.length && !is.length)
        complain(r, line_of(r, section, other), task_printf(r->t, "%s needs a %s", other, one).at);
}

static void check_whole(struct reading *r)
{
    const struct server_settings *s = &r->out->server;
    const struct tls_settings *tls = &r->out->tls;
    struct password_settings *p = &r->out->password;

    check_pair(r, "server", "tls_certificate", s->tls_certificate, "tls_key", s->tls_key);
    check_pair(r, "tls", "certificate", tls->certificate, "key", tls->key);
    take_servers(r, "database", &r->out->database);
    take_servers(r, "lookup", &r->out->lookup);
    check_option_file(r, "database", r->out->database.option_file);
    check_option_file(r, "lookup", r->out->lookup.option_file);
    check_secret_hooks(r);
    read_common_list(r);
    if (p->generated_length < p->min_length)
        p->generated_length = p->min_length;
    r->out->key_file_line = line_of(r, "secrets", "key_file");
    for (size_t i = 0; i < hooks_shape.count; i++)
        r->out->hook_lines[i] = line_of(r, "hooks", hooks_shape.fields[i].name);
}

const char *config_take_option(int *argc, char **argv)
{
    const char *path = NULL;
    int kept = 0;

    for (int i = 0; i < *argc; i++) {
        bool alone = strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--config") == 0;

        if (alone && i + 1 < *argc)
            path = argv[++i];
        else if (strncmp(argv[i], "--config=", 9) == 0)
            path = argv[i] + 9;
        else
            argv[kept++] = argv[i];
    }
    argv[kept] = NULL;
    *argc = kept;
    return path;
}

enum outcome config_load(struct task *t, const char *path, struct config *out)
{
    struct reading r = { .t = t, .out = out };
    struct stat about;
    int line;

    r.path = path ? path : getenv("POSTREEVE_CONFIG");
    if (!r.path || !*r.path)
        r.path = CONFIG_DEFAULT_PATH;
    set_defaults(t, out);
    out->path = task_copy(t, text_of(r.path));
    r.file = fopen(r.path, "re");
    if (!r.file || fstat(fileno(r.file), &about) != 0) {
        log_line(LOG_FAULT, "%s: %s", r.path, strerror(errno));
        if (r.file)
            fclose(r.file);
        return INVALID;
    }
    r.mode = about.st_mode;
    line = ini_parse_stream(next_line, &r, take, &r);
    if (ferror(r.file)) /* a directory, say: no empty file, whose settings would be the defaults */
        complain(&r, 0, "cannot be read");
    fclose(r.file);
    if (line != 0)
        complain(&r, line, "is no section, no key = value and no comment");
    if (!r.wrong)
        check_whole(&r);
    return r.wrong ? INVALID : DONE;
}

struct password_policy config_password_policy(const struct config *c)
{
    return (struct password_policy){ c->password.min_length, c->password.min_classes, c->common_passwords };
}
