/* server/programs/command_fetchmail.c - `postreeve fetchmail --run` and `--out FILE` */
#include "programs/command.h"

#include "api/api.h"
#include "programs/exit.h"
#include "service/fetching.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void said(void *context, const struct fetched *f)
{
    int *failed = context;

    fprintf(f->fine ? stdout : stderr, "%lld %.*s from %.*s: %.*s\n", (long long)f->id, (int)f->mailbox.length,
            f->mailbox.at, (int)f->server.length, f->server.at, (int)f->result.length, f->result.at);
    *failed += f->fine ? 0 : 1;
}

static bool is_plain_or_absent(const char *path)
{
    struct stat about;

    return lstat(path, &about) != 0 ? errno == ENOENT : S_ISREG(about.st_mode);
}

/* Beside it, and renamed over it: nobody reads half of one. mkstemp(3) makes it 0600, as fetchmail wants it. */
static bool replace_file(struct task *t, const char *path, struct text content)
{
    char *beside = task_c_string(t, task_printf(t, "%s.XXXXXX", path));
    int fd = is_plain_or_absent(path) ? mkstemp(beside) : -1;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool fine = file && fwrite(content.at, 1, content.length, file) == content.length;

    fine = (file ? fclose(file) == 0 : fd >= 0 && close(fd) == 0) && fine;
    if (fine && rename(beside, path) == 0)
        return true;
    fprintf(stderr, "postreeve: %s: %s\n", path, is_plain_or_absent(path) ? strerror(errno) : "is no plain file");
    if (fd >= 0)
        unlink(beside);
    return false;
}

static int run(const struct service *s, struct task *t, const char *file)
{
    int failed = 0;
    const struct fetching_listener listener = { said, &failed };
    struct text rc = TEXT("");
    enum outcome o = file ? fetching_write(s, t, &listener, &rc) : fetching_run(s, t, &listener);

    if (o == DONE && file && !replace_file(t, file, rc))
        return EX_CANTCREAT;
    if (o == INVALID)
        return EX_CONFIG;
    if (o == DONE && failed)
        return file ? EX_DATAERR : EX_TEMPFAIL;
    if (o == RETRY)
        fputs("postreeve: fetchmail: the database did not answer\n", stderr);
    return exit_codes[o];
}

int command_fetchmail(struct task *t, const char *config_path, int argc, char **argv)
{
    bool runs = argc == 2 && strcmp(argv[1], "--run") == 0, writes = argc == 3 && strcmp(argv[1], "--out") == 0;
    struct config config;
    struct store_settings settings;
    struct service service;
    int code;

    if (!runs && !writes) {
        fputs("usage: postreeve [-c FILE] fetchmail --run | --out FILE\n"
              "  --run       run the jobs whose time has come, and note what came of them\n"
              "  --out FILE  write all active ones for who runs fetchmail itself (mode 0600: passwords are in it)\n",
              stderr);
        return EX_USAGE;
    }
    if (config_load(t, config_path, &config) != DONE || config_open_vault(t, &config) != DONE)
        return EX_CONFIG;
    settings = store_settings_of(&config, &config.database);
    settings.pool = 1;
    service = service_of(&config, store_open(&settings));
    code = run(&service, t, writes ? argv[2] : NULL);
    store_return(service.store, t);
    store_close(service.store);
    return code;
}
