/* mail_address.h - address lists (RFC 5322 3.4) as they are written in everyday mail, read tolerantly and written
 * strictly; and whether a sender pretends to be somebody else. */
#pragma once

#include "engines/mail_writer.h"

typedef struct MgkMailAddress {
    char *name;    /* owned; UTF-8, one line, tidied, "" when there is none */
    char *address; /* owned; local@domain in ASCII, ready to be written; NULL when it is not valid */
    char *given;   /* owned; what stood there, UTF-8, tidied */
} MgkMailAddress;

#define MGK_MAIL_ADDRESSES 500

/* At most MGK_MAIL_ADDRESSES of the list; groups are flattened. Owned by the caller, elements included. */
GPtrArray *mgk_mail_addresses_parse(const char *raw);
/* The list as a field's value: encoded words for names, addresses as they are; an invalid address becomes a name
 * without one (RFC 6857). writer says in which encoding, may be NULL. Owned by the caller. */
char *mgk_mail_addresses_write(const MgkMailWriter *writer, const GPtrArray *addresses);

typedef enum {
    MGK_SENDER_HONEST,
    MGK_SENDER_OTHER_ADDRESS, /* the name shows another address */
    MGK_SENDER_OWN_NAME,      /* the name shows one of our domains, the address is not ours */
    MGK_SENDER_LOOKALIKE,     /* the domain looks like one of ours, or carries it as a part */
    MGK_SENDER_MIXED,         /* the domain mixes scripts that look alike */
} MgkSender;

/* own_domains: separated by spaces, may be "". */
MgkSender mgk_mail_sender_judge(const MgkMailAddress *address, const char *own_domains);
