/* wire.h - what travels between the caller's broker, the zygote and the workers.
 *
 *   broker ── seqpacket ──► zygote           MgkRequest + descriptors; answered by MgkSpawned + a pidfd
 *   broker ◄─ seqpacket ──► worker (fd 3)    MgkMessage: DETECTED FINDING ASK PIXELS DONE FAILED …  /  ANSWER
 *   zygote ── pipe ───────► broker           MgkExit, once, when the worker has been reaped
 *
 * Both ends come from one build (the magic holds the structs' sizes). The broker believes no worker: every field is
 * checked against its range before use, a message of the wrong size ends the job as a crash. */
#pragma once

#include "model/job.h"

#define MGK_MAX_DECODERS 8 /* that share one input's pages */

/* Descriptors of a worker. No other exists in it; none can be opened. */
enum {
    MGK_FD_CONTROL = 3,    /* seqpacket to the broker */
    MGK_FD_PIXELS_OUT = 4, /* decoder: records to the encoder */
    MGK_FD_OUTPUT = 5,     /* memory or unlinked file */
    MGK_FD_ASK = 6,        /* bytes of a child to be cleaned */
    MGK_FD_ANSWER = 7,     /* bytes of the cleaned child, read-only */
    MGK_FD_PIXELS_IN = 8,  /* encoder: records of the first decoder; the others follow */
    MGK_FD_END = MGK_FD_PIXELS_IN + MGK_MAX_DECODERS
};

typedef enum {
    MGK_JOB_CLEAN,     /* detect, then clean */
    MGK_JOB_WALK,      /* inspect only */
    MGK_JOB_ENCODE,    /* records in, file out */
    MGK_JOB_CHECK,     /* second look over an output */
    MGK_JOB_TEXT,      /* text of a cleaned file */
    MGK_JOB_CONFIRM,   /* exact reading of an input */
    MGK_JOB_SELF_TEST, /* request.first: the forbidden act to try */
    MGK_JOB_LIBRARIES, /* versions */
    MGK_N_JOBS
} MgkJobKind;

/* Descriptors sent along with a request, in this order; each bit set in `descriptors` means one is present. */
typedef enum {
    MGK_SEND_STATUS,  /* the zygote's end of the exit pipe */
    MGK_SEND_CONTROL, /* becomes MGK_FD_CONTROL */
    MGK_SEND_INPUT,   /* mapped before lock-down, then closed */
    MGK_SEND_PIXELS_OUT,
    MGK_SEND_OUTPUT,
    MGK_SEND_ASK,
    MGK_SEND_ANSWER,
    MGK_SEND_PIXELS_IN, /* and the following */
    MGK_N_SEND = MGK_SEND_PIXELS_IN + MGK_MAX_DECODERS
} MgkSend;

#define MGK_NAME_BYTES 1024
#define MGK_TEXT_BYTES 512

typedef struct MgkRequest {
    guint32 magic, descriptors;
    guint32 kind, format, want, role, depth, first, stride, streams, has_password;
    guint32 light; /* the factory is the light one: formats with MGK_FORMAT_PIXELS go back */
    guint64 input_size;
    MgkPolicy policy;
    char name[MGK_NAME_BYTES]; /* UTF-8, NUL-terminated */
    char password[256];
} MgkRequest;

typedef struct MgkSpawned {
    guint32 magic;
    gint32 pid; /* -1: could not fork */
} MgkSpawned;

typedef struct MgkExit {
    guint32 magic;
    gint32 status; /* as from waitpid */
    guint64 cpu_us, peak_kib;
} MgkExit;

typedef enum {
    MGK_MESSAGE_DETECTED = 1, /* a format; text media type */
    MGK_MESSAGE_FINDING,      /* a kind, b action, c count; text where, text2 detail */
    MGK_MESSAGE_OMITTED,      /* n findings beyond the limit */
    MGK_MESSAGE_ASK,          /* a role, b want, n bytes in MGK_FD_ASK; text name, text2 declared media type */
    MGK_MESSAGE_SPREAD,       /* n pages: answered with n = stride */
    MGK_MESSAGE_PIXELS,       /* a the encoder's format: start it now */
    MGK_MESSAGE_DONE,         /* a verdict, b reason, c format, d extension, n output bytes; text detail */
    MGK_MESSAGE_FAILED,       /* a MgkError; text message */
    MGK_MESSAGE_TEXT,         /* text: a line of MGK_JOB_LIBRARIES; self-test: a TRUE when the act was allowed */
    MGK_MESSAGE_ELSEWHERE,    /* the light worker's last: the format that it told needs the whole worker */
    MGK_MESSAGE_ANSWER,       /* to the worker: a verdict, b reason, c format, d output?, n bytes; text name */
    MGK_N_MESSAGES
} MgkMessageType;

typedef struct MgkMessage {
    guint32 magic, type;
    guint32 a, b, c, d;
    guint64 n;
    char text[MGK_TEXT_BYTES]; /* UTF-8, NUL-terminated */
    char text2[MGK_TEXT_BYTES];
} MgkMessage;

#define MGK_WIRE_MAGIC ((guint32)(0x4d474b00u + sizeof(MgkRequest) * 7u + sizeof(MgkMessage) * 3u + MGK_N_KINDS))

/* A record in the pixel pipe: this header, then size bytes. */
typedef struct MgkRecordHeader {
    guint32 magic, type;
    guint64 size;
} MgkRecordHeader;

/* Exit codes of a worker beyond 0 (concluded: DONE or FAILED was sent). */
enum { MGK_EXIT_MEMORY = 77, MGK_EXIT_SANDBOX = 78, MGK_EXIT_PROTOCOL = 79 };

/* TRUE when a message of exactly the right size has the magic, a known type and terminated valid UTF-8 texts. */
gboolean mgk_wire_message_valid(const MgkMessage *message, gssize received);
/* Copies text cut to MGK_TEXT_BYTES - 1 on a character; invalid bytes become U+FFFD. NULL is "". */
void mgk_wire_set_text(char dest[MGK_TEXT_BYTES], const char *text);
