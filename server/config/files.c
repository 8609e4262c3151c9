/* server/config/files.c - what the configuration points to: the key, letters, programs */
#include "config/parts.h"

#include "base/log.h"
#include "model/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 20) /* octets */

const char *config_read_whole(struct task *t, const char *path, struct text *out)
{
    FILE *file = fopen(path, "re");
    const char *wrong = NULL;
    struct stat about;
    char *at;

    if (!file || fstat(fileno(file), &about) != 0) {
        wrong = strerror(errno);
    } else if (!S_ISREG(about.st_mode)) {
        wrong = "is no file";
    } else if ((uint64_t)about.st_size > FILE_MAX) {
        wrong = "is larger than 64 MiB";
    } else {
        at = task_alloc(t, (size_t)about.st_size + 1);
        *out = (struct text){ at, fread(at, 1, (size_t)about.st_size, file) };
        if (ferror(file))
            wrong = strerror(errno);
    }
    if (file)
        fclose(file);
    return wrong;
}

/* The words for what is wrong with it; NULL: nothing, and `digits` holds what it says. */
static const char *read_key(FILE *file, char *digits, size_t room, size_t *length)
{
    struct stat about;

    if (!file || fstat(fileno(file), &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "is no file";
    if (about.st_mode & OTHERS)
        return "must not be open to others: chmod o= it";
    *length = fread(digits, 1, room, file);
    if (ferror(file))
        return strerror(errno);
    return *length == room ? "is too long for a key" : NULL;
}

enum outcome config_open_vault(struct task *t, struct config *c)
{
    const char *path = c->secrets.key_file.at, *wrong;
    char digits[VAULT_KEY_DIGITS + 64]; /* and white space around them */
    size_t length = 0;
    FILE *file;

    c->vault = NULL;
    if (!c->secrets.key_file.length)
        return DONE;
    file = fopen(path, "re");
    if (file)
        setvbuf(file, NULL, _IONBF, 0); /* stdio would leave the key in memory of its own */
    wrong = read_key(file, digits, sizeof digits, &length);
    if (!wrong) {
        c->vault = vault_from_key(t, text_trim((struct text){ digits, length }));
        if (!c->vault)
            wrong = "must hold 64 hexadecimal digits and nothing else";
    }
    explicit_bzero(digits, sizeof digits);
    if (file)
        fclose(file);
    if (wrong)
        log_line(LOG_FAULT, "%s:%d: key_file %s: %s", c->path.at, c->key_file_line, path, wrong);
    return wrong ? INVALID : DONE;
}

/* The words for what is wrong with it; NULL: nothing. The octets are those of a token (model/secret.h). */
static const char *read_token(struct task *t, const char *path, struct text *out)
{
    struct stat about;
    const char *wrong = stat(path, &about) != 0         ? strerror(errno)
                      : (about.st_mode & OTHERS) != 0 ? "must not be open to others: chmod o= it"
                                                      : config_read_whole(t, path, out);

    *out = text_trim(*out);
    if (wrong)
        return wrong;
    for (size_t i = 0; i < out->length; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", out->at[i]) || !out->at[i])
            return "must hold a token and nothing else";
    return out->length == SECRET_TOKEN_LENGTH ? NULL : "must hold a token and nothing else";
}

enum outcome config_read_report_token(struct task *t, const struct config *c, struct text *out)
{
    const struct text path = c->dovecot.report_token_file;
    const char *wrong;

    *out = TEXT("");
    if (!path.length)
        return DONE;
    wrong = read_token(t, path.at, out);
    if (wrong)
        log_line(LOG_FAULT, "%s: report_token_file %s: %s", c->path.at, path.at, wrong);
    return wrong ? INVALID : DONE;
}

enum outcome config_read_letters(struct task *t, struct config *c)
{
    const struct { struct text path; const char *key; } files[LETTER_LANGUAGES] = {
        [LETTER_EN] = { c->letters.welcome_file_en, "welcome_file_en" },
        [LETTER_JA] = { c->letters.welcome_file_ja, "welcome_file_ja" },
    };
    enum outcome o = DONE;

    for (size_t i = 0; i < LETTER_LANGUAGES; i++) {
        struct text file = TEXT("");
        const char *wrong = files[i].path.length ? config_read_whole(t, files[i].path.at, &file) : NULL;

        if (!wrong && files[i].path.length)
            wrong = letter_template_read(file, &c->welcome[i]);
        if (!wrong)
            continue;
        log_line(LOG_FAULT, "%s: %s %s: %s", c->path.at, files[i].key, files[i].path.at, wrong);
        o = INVALID;
    }
    return o;
}

enum outcome config_read_quota_warning(struct task *t, struct config *c)
{
    struct text path = c->dovecot.quota_warning_file, file = TEXT("");
    const char *wrong = path.length ? config_read_whole(t, path.at, &file) : NULL;

    c->quota_warning = letter_builtin(LETTER_QUOTA, letter_language(c->letters.language));
    if (!wrong && path.length)
        wrong = letter_template_read(file, &c->quota_warning);
    if (wrong)
        log_line(LOG_FAULT, "%s: quota_warning_file %s: %s", c->path.at, path.at, wrong);
    return wrong ? INVALID : DONE;
}

struct text config_hook(const struct config *c, struct text event)
{
    const struct field *f = shape_field(&hooks_shape, event);

    return f && f->kind == KIND_TEXT ? *(const struct text *)field_in(f, &c->hooks) : TEXT("");
}

/* The words for what is wrong with a program; NULL: nothing. */
static const char *hook_fault(const char *path)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "is no file";
    if (about.st_uid != 0 && about.st_uid != geteuid())
        return "belongs to another account than root and the one that would run it";
    if (about.st_mode & (S_IWGRP | S_IWOTH))
        return "can be changed by others: chmod go-w it";
    return access(path, X_OK) == 0 ? NULL : "cannot be executed";
}

enum outcome config_check_reset(const struct config *c)
{
    const char *missing = !c->password.reset                                        ? NULL
                          : !text_starts(c->server.public_url, TEXT("https://"))
                                && !text_starts(c->server.public_url, TEXT("http://")) ? "public_url in [server]"
                          : !c->vault                                               ? "key_file in [secrets]"
                                                                                    : NULL;

    if (missing)
        log_line(LOG_FAULT, "%s: reset in [password] needs %s", c->path.at, missing);
    return missing ? INVALID : DONE;
}

enum outcome config_check_hooks(const struct config *c)
{
    enum outcome o = DONE;

    for (size_t i = 0; i < hooks_shape.count; i++) {
        const struct field *f = &hooks_shape.fields[i];
        const struct text *path = field_in(f, &c->hooks);
        const char *wrong = f->kind == KIND_TEXT && path->length ? hook_fault(path->at) : NULL;

        if (!wrong)
            continue;
        log_line(LOG_FAULT, "%s:%d: %s %s: %s", c->path.at, c->hook_lines[i], f->name, path->at, wrong);
        o = INVALID;
    }
    return o;
}
