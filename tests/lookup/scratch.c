/* tests/lookup/scratch.c */
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[1024];

const char *scratch_directory(void)
{
    const char *below = getenv("TMPDIR");

    if (!directory[0]) {
        snprintf(directory, sizeof directory, "%s/postreeve-lookup.XXXXXX", below ? below : "/tmp");
        if (!mkdtemp(directory))
            abort();
    }
    return directory;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    (void)at;
    return remove(path);
}

void scratch_remove(void)
{
    if (directory[0])
        nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct text scratch_path(struct task *t, const char *name)
{
    return task_printf(t, "%s/%s", scratch_directory(), name);
}

void scratch_write(struct task *t, const char *name, const char *content, mode_t mode)
{
    int fd = open(scratch_path(t, name).at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    if (fd < 0 || fchmod(fd, mode) != 0 || write(fd, content, strlen(content)) != (ssize_t)strlen(content))
        abort();
    close(fd);
}

struct text scratch_read(struct task *t, const char *name)
{
    struct stat about;
    int fd = open(scratch_path(t, name).at, O_RDONLY | O_CLOEXEC);
    char *at;

    if (fd < 0)
        return (struct text){ 0 };
    if (fstat(fd, &about) != 0)
        abort();
    at = task_alloc(t, (size_t)about.st_size + 1);
    if (read(fd, at, (size_t)about.st_size) != about.st_size)
        abort();
    close(fd);
    return (struct text){ at, (size_t)about.st_size };
}

size_t scratch_count(struct task *t, const char *name)
{
    DIR *d = opendir(scratch_path(t, name).at);
    size_t count = 0;

    while (d && readdir(d))
        count++;
    if (d)
        closedir(d);
    return count < 2 ? 0 : count - 2;
}

struct config scratch_config(void)
{
    static struct text networks[2], all[1], accounts[2], lists[1];

    networks[0] = TEXT("127.0.0.0/8");
    networks[1] = TEXT("2001:db8::/32");
    all[0] = TEXT("all");
    accounts[0] = TEXT("root");
    accounts[1] = TEXT("www-data");
    lists[0] = TEXT("zen.test=127.0.0.[2;4..11]");
    return (struct config){
        .lookup = { .socket = TEXT("/run/mysqld/mysqld.sock"),
                    .name = TEXT("postreeve"),
                    .user = TEXT("postfix"),
                    .password = TEXT("pA55-word"),
                    .connect_seconds = 5,
                    .read_seconds = 60,
                    .write_seconds = 30 },
        .quota = { .multiplier = 1024000 },
        .mail = { .virtual_mailbox_base = TEXT("/var/vmail"),
                  .recipient_delimiter = TEXT("+"),
                  .virtual_mailbox_limit = 51200000,
                  .uid = 10000,
                  .gid = 10000 },
        .sasl = { .imap_server = TEXT("dovecot"),
                  .imap_port = 10143,
                  .authdaemond_socket = TEXT("/run/courier/authdaemon/socket"),
                  .saslauthd_directory = TEXT("/run/saslauthd"),
                  .plaintext = true },
        .postfix = { .mynetworks = { networks, 2 },
                     .inet_interfaces = { all, 1 },
                     .inet_protocols = TEXT("all"),
                     .banner_words = TEXT("ESMTP Postfix"),
                     .system_accounts = { accounts, 2 },
                     .message_size_limit = 10240000,
                     .reject_rbl_client = { lists, 1 },
                     .warn_rbl_client = { lists, 1 },
                     .reject_non_fqdn = true,
                     .reject_sender_login_mismatch = true,
                     .smtp_tls_security_level = TEXT("may") },
    };
}
