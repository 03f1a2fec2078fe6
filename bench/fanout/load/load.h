/* The load generator of `npm run bench -- fanout`: see ../../README.md. One thread, one epoll, no allocation per frame. */
#ifndef LOAD_H
#define LOAD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static const uint64_t MS = 1000000; /* ns */

enum { MAX_PIDS = 16, MAX_GROUPS = 4, HISTOGRAM_BUCKETS = 64 * 64 };

enum phase { CONNECTING, PROBING, WARMING, MEASURING, SETTLING, HOLDING, DONE };

/* How long messages took. */
struct times {
  uint64_t count, longest_ns;
  uint32_t histogram[HISTOGRAM_BUCKETS];
};

/* Rooms that are alike, and how their senders speak. */
struct group {
  unsigned rooms, members, senders;
  unsigned in_flight; /* closed loop: so many messages under way for each sender */
  double rate;        /* else messages a second of the whole group, on time whatever the server does */
  unsigned burst;     /* else so many of each sender at once, */
  unsigned every_ms;  /* so often */
  unsigned first;     /* its first connection */
  unsigned first_room;
  uint64_t started, ticks; /* of rate and burst: turns taken since `started` */
  /* what came of it */
  uint64_t probes, sent, sent_window, delivered, delivered_window, lost, duplicated, stray;
  struct times times, calm; /* calm: of what was said in the half of each period that no burst begins in */
};

enum state { CLOSED, DIALLING, SHAKING, GREETING, OPEN };

struct connection {
  int fd;
  enum state state;
  struct group *group;
  unsigned room, member;
  bool heard_probe;
  uint32_t said; /* probes and messages */
  uint32_t sent;
  uint32_t *expected; /* the next message of each of its room's senders */
  unsigned char *rest; /* the part of a frame that has come */
  size_t rest_length, rest_size;
};

/* What the server and its core have used so far. */
struct sample {
  uint64_t server_ns, user_ticks, system_ticks, softirqd_ns;
  uint64_t core_ticks[8]; /* user nice system idle iowait irq softirq steal */
};

struct load {
  /* asked for */
  unsigned port, connecting, warm_ms, measure_ms, settle_ms, core;
  const char *path, *headers, *message, *greet_on, *greeting, *ready_on;
  bool hold, heartbeat;
  int pids[MAX_PIDS], pid_count, softirqd;
  struct group groups[MAX_GROUPS];
  unsigned group_count;
  const struct group *bursting; /* the group that speaks in bursts, if one does */
  /* under way */
  enum phase phase;
  int epoll, timer;
  int urgent; /* the first group's connections, if there are more: they must not wait for the others' crowd */
  struct connection *connections;
  unsigned count, dialled, opened, closed, probed;
  uint64_t now, began, ended, dialled_at, next_at, probed_at, phase_ends;
  uint64_t reads, reads_window, busy_ns;
  struct sample at_begin, at_end;
};

/* Text of a message: `~`, m or p (probe), sender, number, intended time in ns (hexadecimal), `~`, words up to TEXT bytes. */
enum { TEXT = 100 };

uint64_t clock_ns(void);
uint64_t cpu_ns(void);
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* connection.c */
void dial(struct load *load);
void on_ready(struct load *load, struct connection *connection, unsigned events);
void say(struct load *load, struct connection *connection, char kind, uint64_t intended);

/* frame.c */
void take_frames(struct load *load, struct connection *connection, unsigned char *bytes, size_t length);
void send_frame(struct connection *connection, unsigned opcode, const char *payload, size_t length);

/* account.c */
void account(struct load *load, struct connection *reader, const char *text, size_t length);
void count_missing(struct load *load);
uint64_t missing(const struct load *load);
double percentile_ms(const struct times *times, double part);

/* sample.c */
void take_sample(const struct load *load, struct sample *sample);

/* report.c */
void print_report(const struct load *load);
#endif
