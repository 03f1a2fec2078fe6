/* Every message that comes is accounted for: each reader must hear each sender's messages once, in order. */
#include "load.h"
#include <string.h>

/* Buckets of equal width below 64 µs, then 32 to each doubling: within 3 % of the true value. */
static unsigned bucket_of(uint64_t ns) {
  uint64_t us = ns / 1000;
  if (us < 64) return (unsigned)us;
  unsigned shift = (unsigned)(63 - __builtin_clzll(us)) - 5;
  unsigned bucket = 64 + (shift - 1) * 32 + (unsigned)((us >> shift) - 32);
  return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static double bucket_ms(unsigned bucket) {
  if (bucket < 64) return (bucket + 0.5) / 1000;
  unsigned shift = (bucket - 64) / 32 + 1;
  return ((double)(((bucket - 64) % 32 + 32)) + 0.5) * (double)(1ULL << shift) / 1000;
}

double percentile_ms(const struct times *times, double part) {
  uint64_t wanted = (uint64_t)(part * (double)times->count), seen = 0;
  for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket += 1) {
    seen += times->histogram[bucket];
    if (seen > wanted) return bucket_ms(bucket);
  }
  return (double)times->longest_ns / 1e6;
}

static uint64_t hex(const char *digits, int count) {
  uint64_t value = 0;
  for (int index = 0; index < count; index += 1) {
    char digit = digits[index];
    value = value << 4 | (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  return value;
}

/* What was said a little before a burst may meet it, too. */
enum { BEFORE_BURST_MS = 50 };

/* Half of the time between two bursts belongs to the first of them, the other half to none. */
static bool is_calm(const struct group *bursting, uint64_t intended) {
  if (bursting == NULL || intended < bursting->started) return false;
  uint64_t period = bursting->every_ms * MS;
  return (intended - bursting->started + BEFORE_BURST_MS * MS) % period >= period / 2;
}

static void time_it(struct load *load, struct group *group, uint64_t intended) {
  if (intended < load->began || load->began == 0 || (load->ended != 0 && intended >= load->ended)) return;
  uint64_t took = load->now > intended ? load->now - intended : 0;
  struct times *times = is_calm(load->bursting, intended) ? &group->calm : &group->times;
  times->histogram[bucket_of(took)] += 1;
  times->count += 1;
  if (took > times->longest_ns) times->longest_ns = took;
}

void account(struct load *load, struct connection *reader, const char *text, size_t length) {
  const char *mark = memchr(text, '~', length);
  if (mark == NULL || (size_t)(text + length - mark) < 35 || mark[34] != '~') return; /* the server's own words */
  struct group *group = reader->group;
  unsigned from = (unsigned)hex(mark + 2, 8);
  if (from >= load->count || load->connections[from].room != reader->room) {
    group->stray += 1;
    return;
  }
  if (mark[1] == 'p') {
    if (!reader->heard_probe) load->probed += 1;
    reader->heard_probe = true;
    return;
  }
  struct connection *sender = &load->connections[from];
  uint32_t number = (uint32_t)hex(mark + 10, 8), *expected = &reader->expected[sender->member];
  group->delivered += 1;
  if (load->phase == MEASURING) group->delivered_window += 1;
  if (number < *expected) {
    group->duplicated += 1;
    return;
  }
  group->lost += number - *expected;
  *expected = number + 1;
  time_it(load, group, hex(mark + 18, 16));
  if (sender == reader && group->in_flight > 0 && load->phase < SETTLING) say(load, reader, 'm', load->now);
}

/* Deliveries that are still to come. */
uint64_t missing(const struct load *load) {
  uint64_t sum = 0;
  for (unsigned index = 0; index < load->group_count; index += 1) {
    const struct group *group = &load->groups[index];
    uint64_t wanted = group->sent * group->members;
    uint64_t had = group->delivered - group->duplicated + group->lost;
    sum += wanted > had ? wanted - had : 0;
  }
  return sum;
}

/* What has not come at the very end is lost. */
void count_missing(struct load *load) {
  for (unsigned index = 0; index < load->count; index += 1) {
    struct connection *reader = &load->connections[index];
    struct group *group = reader->group;
    const struct connection *first = reader - reader->member;
    for (unsigned sender = 0; sender < group->senders; sender += 1) {
      group->lost += first[sender].sent - reader->expected[sender];
    }
  }
}
