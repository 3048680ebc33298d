#include "unlock.h"

#include "io/descriptor.h"
#include "model/names.h"
#include "model/words.h"
#include "show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define FILE_BYTES 8192

/* Reads to the end, or to the first line's end when one line is enough; wiped by the caller. */
static char *read_all(int fd, gboolean one_line)
{
    char *text = g_malloc0(FILE_BYTES + 1);
    gsize size = 0;
    for (gssize n; size < FILE_BYTES && (n = mgk_fd_read(fd, text + size, FILE_BYTES - size)) > 0;) {
        size += (gsize)n;
        if (one_line && memchr(text, '\n', size))
            break;
    }
    return text;
}

static char *ask_on_terminal(GError **error)
{
    struct termios shown, hidden;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0 || tcgetattr(terminal, &shown) != 0) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, N_("no terminal to ask on; give --password-file"));
        if (terminal >= 0)
            close(terminal);
        return NULL;
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(terminal, TCSAFLUSH, &hidden);
    dprintf(terminal, "%s", mgk_words(N_("Password: ")));
    char *text = read_all(terminal, TRUE);
    tcsetattr(terminal, TCSAFLUSH, &shown);
    dprintf(terminal, "\n");
    close(terminal);
    return text;
}

static char *read_passwords(const char *path, GError **error)
{
    if (!path)
        return ask_on_terminal(error);
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, FALSE);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    char *text = read_all(fd, FALSE);
    close(fd);
    return text;
}

static void add_lines(GVariantDict *question, char *text)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    for (char *line = text, *rest = text; line && *line; line = rest) {
        gsize n = strcspn(line, "\r\n");
        rest = line + n + strspn(line + n, "\r\n");
        line[n] = '\0';
        if (n > 0 && g_utf8_validate(line, -1, NULL))
            g_ptr_array_add(lines, line);
    }
    g_ptr_array_add(lines, NULL);
    g_variant_dict_insert(question, "passwords", "^as", lines->pdata);
}

MgkExit mgk_hold_unlock(const MgkHoldGiven *given, int socket, const char *id, GError **error)
{
    GVariantDict question;
    char *text = read_passwords(given->passwords, error);
    if (!text)
        return MGK_EXIT_USAGE;
    g_variant_dict_init(&question, NULL);
    g_variant_dict_insert(&question, "id", "s", id);
    add_lines(&question, text);
    explicit_bzero(text, FILE_BYTES);
    g_free(text);
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "unlock", &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    g_autofree char *where = mgk_names_display(mgk_hold_text(answer, "where"), -1, 0);
    if (given->json)
        mgk_show_json(answer);
    else
        printf(mgk_words(N_("Opened and made safe: %s\n")), where);
    return MGK_EXIT_CROSSED;
}
