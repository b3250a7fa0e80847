#include "stages/validate/quirks.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <array>

namespace deployflow::validate {
namespace {

using Text = std::string_view;

constexpr std::array k_whole{
    Text{"-//W3O//DTD W3 HTML Strict 3.0//EN//"},
    Text{"-/W3C/DTD HTML 4.0 Transitional/EN"},
    Text{"HTML"},
};

constexpr std::array k_begins{
    Text{"+//Silmaril//dtd html Pro v0r11 19970101//"},
    Text{"-//AS//DTD HTML 3.0 asWedit + extensions//"},
    Text{"-//AdvaSoft Ltd//DTD HTML 3.0 asWedit + extensions//"},
    Text{"-//IETF//DTD HTML 2.0 Level 1//"},
    Text{"-//IETF//DTD HTML 2.0 Level 2//"},
    Text{"-//IETF//DTD HTML 2.0 Strict Level 1//"},
    Text{"-//IETF//DTD HTML 2.0 Strict Level 2//"},
    Text{"-//IETF//DTD HTML 2.0 Strict//"},
    Text{"-//IETF//DTD HTML 2.0//"},
    Text{"-//IETF//DTD HTML 2.1E//"},
    Text{"-//IETF//DTD HTML 3.0//"},
    Text{"-//IETF//DTD HTML 3.2 Final//"},
    Text{"-//IETF//DTD HTML 3.2//"},
    Text{"-//IETF//DTD HTML 3//"},
    Text{"-//IETF//DTD HTML Level 0//"},
    Text{"-//IETF//DTD HTML Level 1//"},
    Text{"-//IETF//DTD HTML Level 2//"},
    Text{"-//IETF//DTD HTML Level 3//"},
    Text{"-//IETF//DTD HTML Strict Level 0//"},
    Text{"-//IETF//DTD HTML Strict Level 1//"},
    Text{"-//IETF//DTD HTML Strict Level 2//"},
    Text{"-//IETF//DTD HTML Strict Level 3//"},
    Text{"-//IETF//DTD HTML Strict//"},
    Text{"-//IETF//DTD HTML//"},
    Text{"-//Metrius//DTD Metrius Presentational//"},
    Text{"-//Microsoft//DTD Internet Explorer 2.0 HTML Strict//"},
    Text{"-//Microsoft//DTD Internet Explorer 2.0 HTML//"},
    Text{"-//Microsoft//DTD Internet Explorer 2.0 Tables//"},
    Text{"-//Microsoft//DTD Internet Explorer 3.0 HTML Strict//"},
    Text{"-//Microsoft//DTD Internet Explorer 3.0 HTML//"},
    Text{"-//Microsoft//DTD Internet Explorer 3.0 Tables//"},
    Text{"-//Netscape Comm. Corp.//DTD HTML//"},
    Text{"-//Netscape Comm. Corp.//DTD Strict HTML//"},
    Text{"-//O'Reilly and Associates//DTD HTML 2.0//"},
    Text{"-//O'Reilly and Associates//DTD HTML Extended 1.0//"},
    Text{"-//O'Reilly and Associates//DTD HTML Extended Relaxed 1.0//"},
    Text{"-//SQ//DTD HTML 2.0 HoTMetaL + extensions//"},
    Text{"-//SoftQuad Software//DTD HoTMetaL PRO 6.0::19990601::extensions to HTML 4.0//"},
    Text{"-//SoftQuad//DTD HoTMetaL PRO 4.0::19971010::extensions to HTML 4.0//"},
    Text{"-//Spyglass//DTD HTML 2.0 Extended//"},
    Text{"-//Sun Microsystems Corp.//DTD HotJava HTML//"},
    Text{"-//Sun Microsystems Corp.//DTD HotJava Strict HTML//"},
    Text{"-//W3C//DTD HTML 3 1995-03-24//"},
    Text{"-//W3C//DTD HTML 3.2 Draft//"},
    Text{"-//W3C//DTD HTML 3.2 Final//"},
    Text{"-//W3C//DTD HTML 3.2//"},
    Text{"-//W3C//DTD HTML 3.2S Draft//"},
    Text{"-//W3C//DTD HTML 4.0 Frameset//"},
    Text{"-//W3C//DTD HTML 4.0 Transitional//"},
    Text{"-//W3C//DTD HTML Experimental 19960712//"},
    Text{"-//W3C//DTD HTML Experimental 970421//"},
    Text{"-//W3C//DTD W3 HTML//"},
    Text{"-//W3O//DTD W3 HTML 3.0//"},
    Text{"-//WebTechs//DTD Mozilla HTML 2.0//"},
    Text{"-//WebTechs//DTD Mozilla HTML//"},
};

// With a system identifier these mean almost standards mode.
constexpr std::array k_begins_without_system{
    Text{"-//W3C//DTD HTML 4.01 Frameset//"},
    Text{"-//W3C//DTD HTML 4.01 Transitional//"},
};

}  // namespace

bool is_quirky_doctype(Text public_id, Text system_id) {
  const auto is_whole = [&](Text entry) { return equals_ignoring_case(public_id, entry); };
  const auto begins = [&](Text entry) {
    return equals_ignoring_case(public_id.substr(0, entry.size()), entry);
  };
  return std::ranges::any_of(k_whole, is_whole) || std::ranges::any_of(k_begins, begins) ||
         (system_id.empty() && std::ranges::any_of(k_begins_without_system, begins)) ||
         equals_ignoring_case(system_id,
                              "http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd");
}

}  // namespace deployflow::validate
