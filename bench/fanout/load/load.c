#include "load.h"
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const uint64_t PROBE_EVERY_MS = 100, PROBE_WITHIN_MS = 30000, CONNECT_WITHIN_MS = 60000;

uint64_t clock_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

uint64_t cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  fputc('\n', stderr);
  exit(1);
}

/* rooms,members,senders,in_flight,rate,burst,every_ms */
static void add_group(struct load *load, const char *text) {
  if (load->group_count == MAX_GROUPS) fail("more than %d groups", MAX_GROUPS);
  struct group *group = &load->groups[load->group_count++];
  int found = sscanf(text, "%u,%u,%u,%u,%lf,%u,%u", &group->rooms, &group->members, &group->senders, &group->in_flight,
                     &group->rate, &group->burst, &group->every_ms);
  if (found != 7 || group->rooms < 1 || group->members < 1 || group->senders > group->members) fail("bad group %s", text);
  if (group->burst > 0) load->bursting = group;
}

static void read_options(struct load *load, int argc, char **argv) {
  static const struct option options[] = {
      {"port", 1, 0, 'P'},     {"path", 1, 0, 'p'},    {"headers", 1, 0, 'h'},   {"message", 1, 0, 'm'},
      {"greet-on", 1, 0, 'a'}, {"greeting", 1, 0, 'b'}, {"ready-on", 1, 0, 'c'},  {"heartbeat", 0, 0, 'd'},
      {"hold", 0, 0, 'H'},     {"group", 1, 0, 'g'},   {"warm-ms", 1, 0, 'w'},   {"measure-ms", 1, 0, 'M'},
      {"settle-ms", 1, 0, 's'}, {"connecting", 1, 0, 'C'}, {"pid", 1, 0, 'i'},    {"core", 1, 0, 'o'},
      {"softirqd", 1, 0, 'k'}, {0, 0, 0, 0}};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    unsigned number = optarg == NULL ? 0 : (unsigned)strtoul(optarg, NULL, 10);
    switch (option) {
      case 'P': load->port = number; break;
      case 'p': load->path = optarg; break;
      case 'h': load->headers = optarg; break;
      case 'm': load->message = optarg; break;
      case 'a': load->greet_on = optarg; break;
      case 'b': load->greeting = optarg; break;
      case 'c': load->ready_on = optarg; break;
      case 'd': load->heartbeat = true; break;
      case 'H': load->hold = true; break;
      case 'g': add_group(load, optarg); break;
      case 'w': load->warm_ms = number; break;
      case 'M': load->measure_ms = number; break;
      case 's': load->settle_ms = number; break;
      case 'C': load->connecting = number; break;
      case 'i': if (load->pid_count < MAX_PIDS) load->pids[load->pid_count++] = (int)number; break;
      case 'o': load->core = number; break;
      case 'k': load->softirqd = (int)number; break;
      default: exit(2);
    }
  }
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) fail("no memory for %zu times %zu bytes", count, size);
  return memory;
}

static void seat(struct load *load) {
  unsigned rooms = 0;
  for (unsigned index = 0; index < load->group_count; index += 1) {
    struct group *group = &load->groups[index];
    group->first = load->count;
    group->first_room = rooms;
    load->count += group->rooms * group->members;
    rooms += group->rooms;
  }
  load->connections = allocate(load->count, sizeof *load->connections);
  for (unsigned index = 0; index < load->group_count; index += 1) {
    struct group *group = &load->groups[index];
    for (unsigned place = 0; place < group->rooms * group->members; place += 1) {
      struct connection *connection = &load->connections[group->first + place];
      connection->group = group;
      connection->room = group->first_room + place / group->members;
      connection->member = place % group->members;
      if (group->senders > 0) connection->expected = allocate(group->senders, sizeof *connection->expected);
    }
  }
}

static void tell(const char *event) {
  printf("{\"event\":\"%s\"}\n", event);
  fflush(stdout);
}

static void start_senders(struct load *load) {
  for (unsigned index = 0; index < load->count; index += 1) {
    struct connection *connection = &load->connections[index];
    if (connection->member >= connection->group->senders) continue;
    for (unsigned count = 0; count < connection->group->in_flight; count += 1) say(load, connection, 'm', load->now);
  }
  for (unsigned index = 0; index < load->group_count; index += 1) load->groups[index].started = load->now;
}

/* A probe in each room where somebody has not heard one yet. */
static void probe(struct load *load) {
  for (unsigned index = 0; index < load->count; index += 1) {
    struct connection *first = &load->connections[index];
    if (first->member != 0) continue;
    for (unsigned member = 0; member < first->group->members; member += 1) {
      if (first[member].heard_probe) continue;
      say(load, first, 'p', load->now);
      first->group->probes += 1;
      break;
    }
  }
  load->probed_at = load->now;
}

static struct connection *sender_of(struct load *load, struct group *group, uint64_t turn) {
  unsigned room = (unsigned)(turn % group->rooms), sender = (unsigned)(turn / group->rooms % group->senders);
  return &load->connections[group->first + room * group->members + sender];
}

/* Says what is due by now; answers when the next is. */
static uint64_t take_turns(struct load *load, struct group *group) {
  bool is_burst = group->burst > 0;
  if (!is_burst && group->rate <= 0) return UINT64_MAX;
  double period = is_burst ? (double)group->every_ms * 1e6 : 1e9 / group->rate;
  for (;;) {
    uint64_t due = group->started + (uint64_t)((double)(group->ticks + 1) * period);
    if (due > load->now) return due;
    if (!is_burst) say(load, sender_of(load, group, group->ticks), 'm', due);
    for (uint64_t turn = 0; is_burst && turn < (uint64_t)group->rooms * group->senders * group->burst; turn += 1) {
      say(load, sender_of(load, group, turn), 'm', due);
    }
    group->ticks += 1;
  }
}

static void begin(struct load *load) {
  load->phase = MEASURING;
  load->began = load->now;
  load->phase_ends = load->now + load->measure_ms * MS;
  take_sample(load, &load->at_begin);
  load->busy_ns = cpu_ns();
  tell("begin");
}

static void end(struct load *load) {
  load->ended = load->now;
  take_sample(load, &load->at_end);
  load->busy_ns = cpu_ns() - load->busy_ns;
  load->phase = SETTLING;
  load->phase_ends = load->now + load->settle_ms * MS;
  tell("end");
}

static unsigned senders_in(const struct load *load) {
  unsigned senders = 0;
  for (unsigned index = 0; index < load->group_count; index += 1) senders += load->groups[index].senders;
  return senders;
}

static void on_connected(struct load *load) {
  printf("{\"event\":\"connected\",\"ms\":%.3f}\n", (double)(load->now - load->dialled_at) / 1e6);
  fflush(stdout);
  load->phase = senders_in(load) == 0 ? HOLDING : PROBING;
  load->phase_ends = load->now + PROBE_WITHIN_MS * MS;
  if (load->phase == PROBING) probe(load);
}

static void on_connecting(struct load *load) {
  while (load->dialled < load->count && load->dialled - load->opened < load->connecting) dial(load);
  if (load->opened == load->count) on_connected(load);
  else if (load->now > load->phase_ends) fail("only %u of %u connections were let in", load->opened, load->count);
}

static void on_probing(struct load *load) {
  if (load->probed == load->count) {
    load->phase = WARMING;
    load->phase_ends = load->now + load->warm_ms * MS;
    start_senders(load);
  } else if (load->now > load->phase_ends) fail("only %u of %u members hear their room", load->probed, load->count);
  else if (load->now >= load->probed_at + PROBE_EVERY_MS * MS) probe(load);
  load->next_at = load->probed_at + PROBE_EVERY_MS * MS;
}

/* One step of the plan; sets `next_at`, when it is to be looked at again at the latest. */
static void advance(struct load *load) {
  load->now = clock_ns();
  load->next_at = load->phase_ends;
  if (load->phase == CONNECTING) on_connecting(load);
  if (load->phase == PROBING) on_probing(load);
  if (load->phase == WARMING && load->now >= load->phase_ends) begin(load);
  if (load->phase == MEASURING && load->now >= load->phase_ends) end(load);
  if (load->phase == WARMING || load->phase == MEASURING) {
    load->next_at = load->phase_ends;
    for (unsigned index = 0; index < load->group_count; index += 1) {
      uint64_t due = take_turns(load, &load->groups[index]);
      if (due < load->next_at) load->next_at = due;
    }
  }
  if (load->phase == SETTLING) {
    load->next_at = load->phase_ends;
    /* After a closed connection the run is worth nothing, and what was meant for it does not come. */
    if (missing(load) == 0 || load->closed > 0 || load->now >= load->phase_ends) load->phase = DONE;
  }
}

static void arm(struct load *load) {
  static uint64_t armed;
  if (load->next_at == armed) return;
  armed = load->next_at;
  struct itimerspec time = {.it_value = {.tv_sec = (time_t)(armed / 1000000000), .tv_nsec = (long)(armed % 1000000000)}};
  if (timerfd_settime(load->timer, TFD_TIMER_ABSTIME, &time, NULL) != 0) fail("timerfd: %s", strerror(errno));
}

static void add_watched(struct load *load, int fd, void *mark) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};
  epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void take_urgent(struct load *load) {
  struct epoll_event events[64];
  int count = epoll_wait(load->urgent, events, 64, 0);
  for (int index = 0; index < count; index += 1) on_ready(load, events[index].data.ptr, events[index].events);
}

static void set_up(struct load *load, void *timer_mark, void *input_mark) {
  load->epoll = epoll_create1(0);
  load->urgent = epoll_create1(0);
  load->timer = timerfd_create(CLOCK_MONOTONIC, 0);
  add_watched(load, load->timer, timer_mark);
  add_watched(load, load->urgent, load);
  if (load->hold) add_watched(load, 0, input_mark);
  load->now = load->dialled_at = clock_ns();
  load->phase_ends = load->now + CONNECT_WITHIN_MS * MS;
  if (senders_in(load) == 0) take_sample(load, &load->at_begin);
}

static void run(struct load *load) {
  static char timer_mark, input_mark;
  struct epoll_event events[256];
  int most = load->group_count > 1 ? 16 : 256;
  set_up(load, &timer_mark, &input_mark);
  for (advance(load); load->phase != DONE; advance(load)) {
    if (load->phase == HOLDING && !load->hold) break;
    if (load->phase != HOLDING) arm(load);
    int count = epoll_wait(load->epoll, events, most, -1);
    for (int index = 0; index < count; index += 1) {
      uint64_t times;
      void *mark = events[index].data.ptr;
      if (mark == &input_mark) return; /* the other end has closed it: enough */
      if (load->group_count > 1) {
        take_urgent(load);
        if (clock_ns() >= load->next_at) advance(load);
      }
      if (mark == &timer_mark && read(load->timer, &times, sizeof times) < 0) fail("timerfd: %s", strerror(errno));
      if (mark != &timer_mark && mark != load) on_ready(load, mark, events[index].events);
    }
  }
}

int main(int argc, char **argv) {
  static struct load load = {.connecting = 64, .warm_ms = 700, .measure_ms = 1500, .settle_ms = 10000, .headers = ""};
  read_options(&load, argc, argv);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  seat(&load);
  run(&load);
  if (senders_in(&load) == 0) take_sample(&load, &load.at_end);
  count_missing(&load);
  print_report(&load);
  return 0;
}
