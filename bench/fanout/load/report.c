/* What the run has shown, as one line of JSON. */
#include "load.h"
#include <stdio.h>

static void print_sample(const char *name, const struct sample *sample) {
  printf(",\"%s\":{\"server_ns\":%llu,\"user_ticks\":%llu,\"system_ticks\":%llu,\"softirqd_ns\":%llu,\"core_ticks\":[", name,
         (unsigned long long)sample->server_ns, (unsigned long long)sample->user_ticks,
         (unsigned long long)sample->system_ticks, (unsigned long long)sample->softirqd_ns);
  for (int index = 0; index < 8; index += 1) printf("%s%llu", index == 0 ? "" : ",", (unsigned long long)sample->core_ticks[index]);
  printf("]}");
}

static void print_times(const struct times *times) {
  printf("\"timed\":%llu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f", (unsigned long long)times->count,
         percentile_ms(times, 0.5), percentile_ms(times, 0.99), (double)times->longest_ns / 1e6);
}

static void print_group(const struct group *group) {
  printf("{\"probes\":%llu,\"sent\":%llu,\"sent_window\":%llu,\"delivered\":%llu,\"delivered_window\":%llu,\"lost\":%llu,\"duplicated\":%llu,"
         "\"stray\":%llu,",
         (unsigned long long)group->probes, (unsigned long long)group->sent, (unsigned long long)group->sent_window, (unsigned long long)group->delivered,
         (unsigned long long)group->delivered_window, (unsigned long long)group->lost,
         (unsigned long long)group->duplicated, (unsigned long long)group->stray);
  print_times(&group->times);
  printf(",\"calm\":{");
  print_times(&group->calm);
  printf("}}");
}

void print_report(const struct load *load) {
  double window = (double)(load->ended - load->began) / 1e6;
  printf("{\"event\":\"done\",\"connections\":%u,\"closed\":%u,\"window_ms\":%.3f,\"busy\":%.4f,\"reads_window\":%llu,\"groups\":[",
         load->count, load->closed, window, window > 0 ? (double)load->busy_ns / 1e6 / window : 0, (unsigned long long)load->reads_window);
  for (unsigned index = 0; index < load->group_count; index += 1) {
    if (index > 0) putchar(',');
    print_group(&load->groups[index]);
  }
  printf("]");
  print_sample("begin", &load->at_begin);
  print_sample("end", &load->at_end);
  printf("}\n");
}
