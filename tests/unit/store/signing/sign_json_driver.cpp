// Reads requests as JSON Lines on standard input, writes their signatures: `deployflow sign` alone.

#include "plugins/host/store/sign_json.hpp"

#include <stdio.h>
#include <stdlib.h>

#include <string_view>

int main() {
  char* line = nullptr;
  size_t capacity = 0;
  int status = 0;
  for (ssize_t size = 0; (size = getline(&line, &capacity, stdin)) > 0 && status == 0;) {
    std::string_view text(line, static_cast<size_t>(size));
    text.remove_suffix(text.ends_with('\n') ? 1 : 0);
    const auto answer = deployflow::store::sign_json_line(text);
    if (answer) {
      printf("%s\n", answer->c_str());
    } else {
      fprintf(stderr, "error: %s\n", answer.error().message.c_str());
      status = 2;
    }
  }
  free(line);
  return status;
}
