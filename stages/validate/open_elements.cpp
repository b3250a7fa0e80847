#include "stages/validate/open_elements.hpp"

namespace deployflow::validate {
namespace {

// Elements that end each other share a group; 0 = none.
int group_of(TagId id) {
  switch (id) {
    case tag_id("li"):
      return 1;
    case tag_id("dt"):
    case tag_id("dd"):
      return 2;
    case tag_id("option"):
      return 3;
    case tag_id("td"):
    case tag_id("th"):
      return 4;
    case tag_id("tr"):
      return 5;
    case tag_id("tbody"):
    case tag_id("thead"):
    case tag_id("tfoot"):
      return 6;
    case tag_id("rb"):
    case tag_id("rt"):
    case tag_id("rp"):
    case tag_id("rtc"):
      return 7;
    case tag_id("a"):
      return 8;
    case tag_id("button"):
      return 9;
    case tag_id("nobr"):
      return 10;
    default:
      return 0;
  }
}

// An element of a group is not looked for beyond these.
bool is_barrier(TagId id) {
  switch (id) {
    case tag_id("table"):
    case tag_id("ul"):
    case tag_id("ol"):
    case tag_id("dl"):
    case tag_id("td"):
    case tag_id("th"):
    case tag_id("caption"):
    case tag_id("select"):
    case tag_id("button"):
    case tag_id("object"):
    case tag_id("template"):
    case tag_id("body"):
    case tag_id("svg"):
    case tag_id("math"):
      return true;
    default:
      return false;
  }
}

// An end tag of anything but a part of a table does not reach out of these.
bool is_scope(TagId id) {
  switch (id) {
    case tag_id("table"):
    case tag_id("td"):
    case tag_id("th"):
    case tag_id("caption"):
    case tag_id("template"):
    case tag_id("object"):
    case tag_id("applet"):
    case tag_id("marquee"):
      return true;
    default:
      return false;
  }
}

bool is_part_of_table(TagId id) {
  const int group = group_of(id);
  return id == tag_id("table") || id == tag_id("caption") || id == tag_id("template") ||
         (group >= 4 && group <= 6);
}

// Inside these of SVG and MathML, HTML holds again.
bool is_integration_point(TagId id) {
  switch (id) {
    case tag_id("foreignobject"):
    case tag_id("desc"):
    case tag_id("title"):
    case tag_id("annotation-xml"):
    case tag_id("mi"):
    case tag_id("mo"):
    case tag_id("mn"):
    case tag_id("ms"):
    case tag_id("mtext"):
      return true;
    default:
      return false;
  }
}

}  // namespace

void OpenElements::open(TagId id, bool self_closing) {
  const bool foreign = is_foreign();
  if (!foreign) {
    close_implied(id);
    if (is_void(id)) {
      return;
    }
  }
  const bool begins = id == tag_id("svg") || id == tag_id("math");
  if (self_closing && (foreign || begins)) {
    return;
  }
  stack_.push_back({id, begins || (foreign && !is_integration_point(id))});
  ++count_[id];
}

void OpenElements::close(TagId id) {
  const auto found = count_.find(id);
  if (found == count_.end() || found->second == 0) {
    return;
  }
  std::size_t depth = stack_.size();
  while (stack_[depth - 1].id != id) {
    --depth;
    if (is_scope(stack_[depth].id) && !is_part_of_table(id)) {
      return;
    }
  }
  pop_to(depth - 1);
}

void OpenElements::close_implied(TagId id) {
  if (ends_paragraph(id) && !stack_.empty() && stack_.back().id == tag_id("p")) {
    pop_to(stack_.size() - 1);
  }
  const int group = group_of(id);
  if (group == 0) {
    return;
  }
  for (std::size_t depth = stack_.size(); depth > 0; --depth) {
    const TagId open = stack_[depth - 1].id;
    if (group_of(open) == group) {
      pop_to(depth - 1);
      return;
    }
    // A row ends an open cell, a row group an open row.
    if (is_barrier(open) && !(group_of(open) == 4 && (group == 5 || group == 6))) {
      return;
    }
  }
}

void OpenElements::pop_to(std::size_t depth) {
  while (stack_.size() > depth) {
    --count_[stack_.back().id];
    stack_.pop_back();
  }
}

}  // namespace deployflow::validate
