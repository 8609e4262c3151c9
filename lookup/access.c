/* lookup/access.c */
#include "lookup/access.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_OCTETS 4096

enum outcome access_check_value(const char *setting, struct text value)
{
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if (c > ' ' && c != 0x7F && !strchr("\"'`$%#{}()\\;,<>|", c))
            continue;
        if (c > ' ' && c != 0x7F)
            log_line(LOG_FAULT, "%s holds the character %c, which the mail daemons' files cannot hold",
                     setting, c);
        else
            log_line(LOG_FAULT,
                     "%s holds a blank or a control character, which the mail daemons' files cannot hold",
                     setting);
        return INVALID;
    }
    return DONE;
}

static bool is_our_group(struct text line)
{
    static const char *const groups[] = { "[client]", "[client-server]", "[client-mariadb]" };

    for (size_t i = 0; i < COUNT(groups); i++)
        if (text_equal(line, text_of(groups[i])))
            return true;
    return false;
}

/* "value" or 'value', or a bare one, which ends before a comment. */
static struct text option_value(struct text given)
{
    struct text value = text_trim(given);

    if (value.length && (value.at[0] == '"' || value.at[0] == '\'')) {
        struct text inside = text_part(value, 1, value.length);

        return text_part(inside, 0, text_find(inside, value.at[0]));
    }
    for (size_t i = 1; i < value.length; i++)
        if (value.at[i] == '#' && (value.at[i - 1] == ' ' || value.at[i - 1] == '\t'))
            return text_trim(text_part(value, 0, i));
    return value;
}

/* The configuration's own word goes first, as it does in the client library. */
static void take_option(struct task *t, struct text name, struct text value, struct access *out)
{
    const struct { const char *name; struct text *into;
    } options[] = {
        { "user", &out->user },
        { "password", &out->password },
        { "socket", &out->socket },
    };
    struct endpoint *only = &out->servers.items[0];
    bool given = only->host.length > 0 || out->servers.count > 1;

    for (size_t i = 0; i < COUNT(options); i++)
        if (text_equal(name, text_of(options[i].name)) && options[i].into->length == 0)
            *options[i].into = task_copy(t, value);
    if (text_equal(name, TEXT("host")) && !given)
        only->host = task_copy(t, value);
    for (size_t i = 0; i < out->servers.count && text_equal(name, TEXT("port")); i++)
        if (out->servers.items[i].port == 0 && !text_to_int64(value, &out->servers.items[i].port))
            out->servers.items[i].port = 0;
}

static enum outcome read_options(struct task *t, const char *path, struct access *out)
{
    char line[LINE_MAX_OCTETS];
    FILE *file = fopen(path, "re");
    bool ours = false, includes = false;

    if (!file) {
        log_line(LOG_FAULT, "[lookup] option_file %s: %s", path, strerror(errno));
        return INVALID;
    }
    while (fgets(line, sizeof line, file)) {
        struct text trimmed = text_trim(text_of(line));
        size_t equals = text_find(trimmed, '=');

        if (text_starts(trimmed, TEXT("#")) || text_starts(trimmed, TEXT(";")))
            continue;
        includes = includes || text_starts(trimmed, TEXT("!"));
        if (text_starts(trimmed, TEXT("[")))
            ours = is_our_group(trimmed);
        else if (ours && equals != TEXT_NOT_FOUND)
            take_option(t, text_trim(text_part(trimmed, 0, equals)),
                        option_value(text_part(trimmed, equals + 1, trimmed.length)), out);
    }
    fclose(file);
    if (includes)
        log_line(LOG_FAULT, "[lookup] option_file %s includes other files, which cannot be followed here",
                 path);
    return includes ? INVALID : DONE;
}

enum outcome access_read(struct task *t, const struct database_settings *from, struct access *out)
{
    struct endpoint *servers = task_alloc(t, (from->servers.count + 1) * sizeof *servers);
    enum outcome o = DONE;

    if (from->servers.count)
        memcpy(servers, from->servers.items, from->servers.count * sizeof *servers);
    *out = (struct access){ { servers, from->servers.count ? from->servers.count : 1 }, from->socket, from->name,
                            from->user, from->password };
    if (from->option_file.length)
        o = read_options(t, from->option_file.at, out);
    if (o == DONE && out->user.length == 0) {
        log_line(LOG_FAULT, "[lookup] user is missing: the account that the mail daemons use");
        o = INVALID;
    }
    for (size_t i = 0; i < out->servers.count; i++)
        if (endpoint_is_local(&servers[i]))
            return o;
    out->socket = TEXT(""); /* an option file's socket is no way to another machine */
    return o;
}
