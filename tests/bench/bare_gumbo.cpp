// The measure of `validate`: gumbo alone over every page of a folder, on a thread for each core:
// read, parse, destroy, and nothing else. Usage: bare_gumbo FOLDER; says pages, bytes and seconds.

#include <gumbo.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  if (argc != 2) {
    std::fputs("usage: bare_gumbo FOLDER\n", stderr);
    return 2;
  }
  std::vector<fs::path> pages;
  for (const auto& entry : fs::recursive_directory_iterator(argv[1])) {
    const auto suffix = entry.path().extension();
    if (entry.is_regular_file() && (suffix == ".html" || suffix == ".htm")) {
      pages.push_back(entry.path());
    }
  }
  std::atomic<std::size_t> next{0}, bytes{0};
  const auto begin = std::chrono::steady_clock::now();
  const auto work = [&] {
    std::string text;
    for (std::size_t i = next++; i < pages.size(); i = next++) {
      text.resize(fs::file_size(pages[i]));
      std::ifstream(pages[i], std::ios::binary)
          .read(text.data(), static_cast<std::streamsize>(text.size()));
      GumboOptions options = kGumboDefaultOptions;
      GumboOutput* tree = gumbo_parse_with_options(&options, text.data(), text.size());
      gumbo_destroy_output(&options, tree);
      bytes += text.size();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
      threads.emplace_back(work);
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                   static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  std::printf("%zu pages, %zu bytes, %.2f s, %.2f s of CPU, %ld KiB\n",
              pages.size(),
              bytes.load(),
              seconds.count(),
              cpu,
              used.ru_maxrss);
  return 0;
}
