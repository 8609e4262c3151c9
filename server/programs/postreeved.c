/* server/programs/postreeved.c - the service: configuration, wiring, and serving until told to stop */
#include "api/api.h"
#include "base/log.h"
#include "base/secrecy.h"
#include "config/config.h"
#include "http/server.h"
#include "model/secret.h"
#include "outside/outside.h"
#include "programs/errand_thread.h"
#include "service/errand.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static const int exits[OUTCOMES] = {
    [DONE] = EX_OK,          [INVALID] = EX_CONFIG,  [STRANGER] = EX_NOPERM, [DENIED] = EX_NOPERM,
    [MISSING] = EX_NOUSER,   [CONFLICT] = EX_CANTCREAT, [STALE] = EX_CANTCREAT, [BUSY] = EX_TEMPFAIL,
    [RETRY] = EX_TEMPFAIL,   [BROKEN] = EX_SOFTWARE,
};

static const char help[] =
    "Usage: postreeved [-c FILE] [--check]\n"
    "Serves the API and the web interface of postreeve until SIGTERM or SIGINT; stays in the foreground.\n"
    "\n"
    "  -c, --config FILE  configuration; else $POSTREEVE_CONFIG, else " CONFIG_DEFAULT_PATH "\n"
    "      --check        look at the configuration and the database, and end: 0 well, 78 wrong,\n"
    "                     75 cannot tell now\n"
    "      --help         show this\n"
    "      --version      show the version\n";

struct options {
    const char *config;
    bool check;
};

/* -1: go on; else the exit code. */
static int read_options(int argc, char **argv, struct options *out)
{
    enum { CHECK = 256, HELP, VERSION };
    static const struct option known[] = {
        { "config", required_argument, NULL, 'c' }, { "check", no_argument, NULL, CHECK },
        { "help", no_argument, NULL, HELP },        { "version", no_argument, NULL, VERSION },
        { NULL, 0, NULL, 0 },
    };
    int given;

    while ((given = getopt_long(argc, argv, "c:", known, NULL)) != -1) {
        switch (given) {
        case 'c': out->config = optarg; break;
        case CHECK: out->check = true; break;
        case HELP: fputs(help, stdout); return EX_OK;
        case VERSION: puts("postreeved " POSTREEVE_VERSION); return EX_OK;
        default: fputs(help, stderr); return EX_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "postreeved: %s is not expected\n%s", argv[optind], help);
        return EX_USAGE;
    }
    return -1;
}

/* Before the first thread, which would otherwise be the one that a signal ends. */
static int stop_signals(void)
{
    sigset_t stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &stop, SFD_CLOEXEC);
}

static enum outcome check(struct task *t, const struct config *c, struct api *api)
{
    enum outcome o = server_check(t, c);

    if (o != DONE)
        return o;
    o = api_ready(api, t);
    if (o == RETRY)
        log_line(LOG_FAULT, "the database cannot be asked now");
    else if (o != DONE)
        log_line(LOG_FAULT, "the database's tables are not of this version: run `postreeve migrate`");
    return o == DONE || o == RETRY ? o : INVALID;
}

static enum outcome serve(struct task *t, const struct config *c, struct api *api)
{
    struct errand_thread *errands = errand_thread_open(api_service(api));
    struct server_parts parts = { .config = c, .api = api, .database_figures = api_figures,
                                  .errand_figures = errand_thread_figures, .errand_context = errands };
    int stop = stop_signals();
    struct server *server;
    enum outcome o;

    if (stop < 0)
        log_line(LOG_FAULT, "signalfd: %s", strerror(errno));
    o = stop < 0 || !errands ? BROKEN : server_open(t, &parts, &server);
    if (o == DONE) {
        o = errand_thread_start(errands);
        if (o == DONE)
            server_run(server, stop);
        log_line(LOG_NOTE, "stopping");
        errand_thread_stop(errands);
        server_close(server);
    }
    errand_thread_close(errands);
    if (stop >= 0)
        close(stop);
    return o;
}

static enum outcome run(struct task *t, const struct options *options)
{
    struct config config;
    enum outcome o = config_load(t, options->config, &config);
    struct api *api;

    if (o == DONE)
        o = config_open_vault(t, &config);
    if (o == DONE)
        o = config_check_hooks(&config);
    if (o == DONE)
        o = config_check_reset(&config);
    if (o == DONE)
        o = config_read_letters(t, &config);
    if (o == DONE)
        o = webhooks_check(t, &config);
    if (o != DONE)
        return o;
    secret_start();
    o = outside_start();
    if (o != DONE)
        return o;
    api = api_open(&config);
    if (!api)
        return BROKEN;
    o = options->check ? check(t, &config, api) : serve(t, &config, api);
    api_close(api);
    outside_stop();
    return o;
}

/* systemd.exec(5): JOURNAL_STREAM names the journal's stream; a shell started by a service inherits the
 * variable, but its standard error goes elsewhere. */
static bool logs_to_journal(void)
{
    const char *given = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat stream;

    return given && sscanf(given, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &stream) == 0
        && stream.st_dev == device && stream.st_ino == inode;
}

int main(int argc, char **argv)
{
    struct options options = { 0 };
    int code = read_options(argc, argv, &options);
    struct task *t;

    if (code >= 0)
        return code;
    secrecy_start();
    log_with_priorities(logs_to_journal());
    mallopt(M_ARENA_MAX, 2); /* else each worker keeps what its longest answer took: twice the memory, and no faster */
    t = task_open();
    code = exits[run(t, &options)];
    task_close(t);
    return code;
}
