#include "transaction.h"

#include "finish.h"
#include "outbox.h"

#include <netdb.h>
#include <string.h>

#define FIELDS_MAX 5000         /* each one is an edit later, and Postfix takes longer for each the more there are */
#define SLACK_BYTES (64 * 1024) /* Postfix and we count a mail's bytes a little differently */
#define NEEDED_ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY)
#define NO_REPLIES (SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY)

static const MgkService *service; /* libmilter's callbacks have no argument of ours */

static MgkTransaction *transaction_of(SMFICTX *context)
{
    MgkTransaction *t = smfi_getpriv(context);
    if (!t) {
        t = g_new0(MgkTransaction, 1);
        t->recipients = g_ptr_array_new_with_free_func(g_free);
        t->fields = g_ptr_array_new_with_free_func(g_free);
        smfi_setpriv(context, t);
    }
    return t;
}

/* Between messages of one connection. */
static void forget_message(MgkTransaction *t)
{
    if (t->admitted)
        mgk_stats_add(service->stats, MGK_STAT_SESSIONS, -1);
    t->admitted = FALSE;
    g_clear_pointer(&t->sender, g_free);
    g_clear_pointer(&t->message_key, g_free);
    g_clear_pointer(&t->mail, mgk_mail_free);
    g_ptr_array_set_size(t->recipients, 0);
    g_ptr_array_set_size(t->fields, 0);
}

static sfsistat quietly(const MgkTransaction *t)
{
    return t->quiet ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat on_negotiate(SMFICTX *context, unsigned long actions, unsigned long protocol, unsigned long f2,
                             unsigned long f3, unsigned long *ret_actions, unsigned long *ret_protocol,
                             unsigned long *ret_f2, unsigned long *ret_f3)
{
    MgkTransaction *t = transaction_of(context);
    (void)f2;
    (void)f3;
    if ((actions & NEEDED_ACTIONS) != NEEDED_ACTIONS) {
        mgk_log(MGK_LOG_ERROR, "the mail server does not let this filter change headers and bodies; refused");
        return SMFIS_REJECT;
    }
    t->quiet = (protocol & NO_REPLIES) == NO_REPLIES;
    t->leading_space = (protocol & SMFIP_HDR_LEADSPC) != 0;
    *ret_actions = NEEDED_ACTIONS;
    *ret_protocol = (t->quiet ? NO_REPLIES : 0) | (protocol & (SMFIP_HDR_LEADSPC | SMFIP_NOUNKNOWN | SMFIP_NODATA));
    *ret_f2 = *ret_f3 = 0;
    return SMFIS_CONTINUE;
}

static void set_text(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

static sfsistat on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address)
{
    MgkTransaction *t = transaction_of(context);
    char host[NI_MAXHOST] = "";
    set_text(&t->client_name, name);
    socklen_t length =
        address && address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (address && (address->sa_family == AF_INET || address->sa_family == AF_INET6) &&
        getnameinfo(address, length, host, sizeof host, NULL, 0, NI_NUMERICHOST) == 0)
        set_text(&t->client_address, host);
    return quietly(t);
}

static sfsistat on_helo(SMFICTX *context, char *name)
{
    MgkTransaction *t = transaction_of(context);
    set_text(&t->helo, name);
    return quietly(t);
}

static sfsistat refuse(SMFICTX *context, MgkStat counter, const char *trouble)
{
    MgkTransaction *t = transaction_of(context);
    forget_message(t);
    mgk_stats_add(service->stats, counter, 1);
    mgk_log(MGK_LOG_WARNING, "NOQUEUE: tempfail: client=%s, %s", t->client_address ? t->client_address : "unknown",
            trouble);
    smfi_setreply(context, (char[]){"451"}, (char[]){"4.7.1"}, (char[]){"Mail filter busy, try again later"});
    return SMFIS_TEMPFAIL;
}

/* The others are not to wait because one sends too much. */
static sfsistat refuse_source(SMFICTX *context)
{
    refuse(context, MGK_STAT_OVER_QUOTA, "this source has too much on hold, or sent too much today");
    smfi_setreply(context, (char[]){"452"}, (char[]){"4.3.1"}, (char[]){"Too much mail from you, try again later"});
    return SMFIS_TEMPFAIL;
}

/* MAIL FROM: the only place where a mail is refused before it has come. */
static sfsistat on_sender(SMFICTX *context, char **arguments)
{
    MgkTransaction *t = transaction_of(context);
    g_autoptr(MgkEngine) engine = mgk_engines_ref(service->engines);
    const MgkMilterPolicy *policy = &engine->policy.milter;
    g_autoptr(GError) error = NULL;
    forget_message(t);
    if (!mgk_stats_enter(service->stats, MGK_STAT_SESSIONS, policy->sessions))
        return refuse(context, MGK_STAT_REFUSED_SESSIONS, "too many mails at a time");
    t->admitted = TRUE;
    if (!mgk_outbox_admits(service, arguments[0], t->client_address))
        return refuse_source(context);
    t->started_us = g_get_real_time();
    t->sender = g_strdup(arguments[0]);
    t->mail = mgk_mail_new(service->spool, (guint64)policy->message_bytes + SLACK_BYTES,
                           (guint64)policy->spool_free_megabytes * MGK_MIB, &error);
    return t->mail ? SMFIS_CONTINUE : refuse(context, MGK_STAT_SPOOL_FAILURES, error->message);
}

static sfsistat on_recipient(SMFICTX *context, char **arguments)
{
    MgkTransaction *t = transaction_of(context);
    g_ptr_array_add(t->recipients, g_strdup(arguments[0]));
    return quietly(t);
}

/* libmilter hands over folds as LF; on the wire, and in the spool, they are CRLF. */
static void add_value(MgkMail *mail, const char *value)
{
    for (const char *start = value; *start;) {
        gsize n = strcspn(start, "\n");
        gsize bare = n > 0 && start[n] == '\n' && start[n - 1] == '\r' ? n - 1 : n;
        mgk_mail_add(mail, start, bare);
        start += n;
        if (*start == '\n') {
            mgk_mail_add(mail, "\r\n", 2);
            start++;
        }
    }
}

/* Two hashes of different things must not meet in one folder of names. */
static void note_message_id(MgkTransaction *t, const char *name, const char *value)
{
    if (t->message_key || g_ascii_strcasecmp(name, "Message-ID") != 0)
        return;
    g_autofree char *text = g_strconcat("Message-ID:", value, NULL);
    t->message_key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static sfsistat on_header(SMFICTX *context, char *name, char *value)
{
    MgkTransaction *t = transaction_of(context);
    if (!t->mail)
        return quietly(t);
    if (t->fields->len >= FIELDS_MAX) {
        mgk_mail_refuse(t->mail, "too many header fields");
        return quietly(t);
    }
    note_message_id(t, name, value);
    g_ptr_array_add(t->fields, g_strdup(name));
    mgk_mail_add(t->mail, name, strlen(name));
    mgk_mail_add(t->mail, ": ", t->leading_space ? 1 : 2);
    add_value(t->mail, value);
    mgk_mail_add(t->mail, "\r\n", 2);
    return quietly(t);
}

static sfsistat on_header_end(SMFICTX *context)
{
    MgkTransaction *t = transaction_of(context);
    if (t->mail)
        mgk_mail_add(t->mail, "\r\n", 2);
    return quietly(t);
}

static sfsistat on_body(SMFICTX *context, unsigned char *bytes, size_t size)
{
    MgkTransaction *t = transaction_of(context);
    if (t->mail)
        mgk_mail_add(t->mail, bytes, size);
    return quietly(t);
}

static sfsistat on_end(SMFICTX *context)
{
    MgkTransaction *t = transaction_of(context);
    if (!t->mail) /* an end without a beginning is no message of which we know anything */
        return SMFIS_TEMPFAIL;
    sfsistat answer = mgk_finish(service, t, context);
    forget_message(t);
    return answer;
}

static sfsistat on_abort(SMFICTX *context)
{
    MgkTransaction *t = transaction_of(context);
    if (t->mail)
        mgk_stats_add(service->stats, MGK_STAT_ABORTED, 1);
    forget_message(t);
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context)
{
    MgkTransaction *t = smfi_getpriv(context);
    if (!t)
        return SMFIS_CONTINUE;
    forget_message(t);
    g_ptr_array_unref(t->recipients);
    g_ptr_array_unref(t->fields);
    g_free(t->client_name);
    g_free(t->client_address);
    g_free(t->helo);
    g_free(t);
    smfi_setpriv(context, NULL);
    return SMFIS_CONTINUE;
}

struct smfiDesc mgk_transaction_filter(const MgkService *shared)
{
    static char name[] = "mugaika";
    service = shared;
    return (struct smfiDesc){.xxfi_name = name,
                             .xxfi_version = SMFI_VERSION,
                             .xxfi_flags = NEEDED_ACTIONS,
                             .xxfi_connect = on_connect,
                             .xxfi_helo = on_helo,
                             .xxfi_envfrom = on_sender,
                             .xxfi_envrcpt = on_recipient,
                             .xxfi_header = on_header,
                             .xxfi_eoh = on_header_end,
                             .xxfi_body = on_body,
                             .xxfi_eom = on_end,
                             .xxfi_abort = on_abort,
                             .xxfi_close = on_close,
                             .xxfi_negotiate = on_negotiate};
}
