/* CPU time from /proc, read by the generator itself so that it belongs to the same instant as the counters. */
#include "load.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_file(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return false;
  size_t length = fread(text, 1, size - 1, file);
  fclose(file);
  text[length] = 0;
  return length > 0;
}

/* Time on a CPU in ns: the first figure of a schedstat. */
static uint64_t ran(const char *path) {
  char text[128];
  return read_file(path, text, sizeof text) ? strtoull(text, NULL, 10) : 0;
}

static uint64_t threads_ran(int pid) {
  char path[96];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *tasks = opendir(path);
  if (tasks == NULL) fail("the server (pid %d) is gone", pid);
  uint64_t sum = 0;
  for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
    if (task->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%.12s/schedstat", pid, task->d_name);
    sum += ran(path);
  }
  closedir(tasks);
  return sum;
}

static void add_ticks(int pid, struct sample *sample) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  if (!read_file(path, text, sizeof text)) return;
  /* The name may hold spaces; it ends at the last parenthesis. Fields 14 and 15 are user and system time. */
  const char *at = strrchr(text, ')');
  unsigned long user = 0, system = 0;
  if (at != NULL && sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) == 2) {
    sample->user_ticks += user;
    sample->system_ticks += system;
  }
}

static void read_core(unsigned core, uint64_t ticks[8]) {
  static char text[65536];
  char name[16];
  snprintf(name, sizeof name, "\ncpu%u ", core);
  const char *at = read_file("/proc/stat", text, sizeof text) ? strstr(text, name) : NULL;
  if (at == NULL) return;
  char *next = (char *)at + strlen(name);
  for (int index = 0; index < 8; index += 1) ticks[index] = strtoull(next, &next, 10);
}

void take_sample(const struct load *load, struct sample *sample) {
  memset(sample, 0, sizeof *sample);
  for (int index = 0; index < load->pid_count; index += 1) {
    sample->server_ns += threads_ran(load->pids[index]);
    add_ticks(load->pids[index], sample);
  }
  if (load->softirqd > 0) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/schedstat", load->softirqd);
    sample->softirqd_ns = ran(path);
  }
  read_core(load->core, sample->core_ticks);
}
