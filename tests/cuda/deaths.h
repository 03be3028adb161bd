// Runs what should end the program in a child of it.
#pragma once

#include <cstdio>
#include <cstring>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

// Whether the child was ended, by a signal or a sanitizer, and what it wrote on stderr.
struct Death {
    bool ended;
    std::string message;
    bool says(const char* text) const { return message.find(text) != std::string::npos; }
};

template <class F>
Death death_of(F f) {
    int ends[2];
    if (pipe(ends) != 0) return {false, "no pipe"};
    std::fflush(stderr);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        f();
        _exit(0);
    }
    close(ends[1]);
    Death death{false, {}};
    char text[512];
    for (ssize_t n; (n = read(ends[0], text, sizeof text)) > 0;) {
        death.message.append(text, static_cast<std::size_t>(n));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    death.ended = status != 0;
    return death;
}
