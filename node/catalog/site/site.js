"use strict";
// The language switch of every page, and the search of the index.
(function () {
  var root = document.documentElement;
  var button = document.getElementById("lang");
  button.addEventListener("click", function () {
    root.classList.toggle("en");
    try { localStorage.setItem("lang", root.classList.contains("en") ? "en" : "zh"); } catch (e) { /* a folder's pages may not keep anything */ }
    search();
  });

  var query = document.getElementById("query");
  if (!query || !window.catalogues) { return; }
  var sharing = document.getElementById("sharing"), cycle = document.getElementById("cycle");
  var results = document.getElementById("results"), browse = document.getElementById("browse");
  var most = 60;

  // Every word has to occur in the catalogue; what is nearer to its title comes first.
  function score(entry, words) {
    var total = 0, fields = [];
    for (var i = 0; i < words.length; i++) {
      var word = words[i], best = 0;
      if (has(entry[1], word) || has(entry[2], word)) { best = 8; }
      else if (has(entry[3], word) || has(entry[4].replace(/_/g, " "), word) || has(entry[0], word)) { best = 4; }
      else if (has(entry[9], word)) { best = 2; }
      for (var f = 0; f < entry[8].length; f++) {
        if (entry[8][f].some(function (text) { return has(text, word); })) {
          if (fields.indexOf(f) < 0) { fields.push(f); }
          best = Math.max(best, 3);
        }
      }
      if (!best) { return null; }
      total += best;
    }
    return { entry: entry, score: total, fields: fields };
  }
  function has(text, word) { return text.toLowerCase().indexOf(word) >= 0; }

  function search() {
    if (!query) { return; }
    var words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    var active = words.length || sharing.value || cycle.value;
    browse.hidden = !!active;
    results.textContent = "";
    if (!active) { return; }
    var found = [];
    window.catalogues.forEach(function (entry) {
      if ((sharing.value && entry[5] !== sharing.value) || (cycle.value && entry[6] !== cycle.value)) { return; }
      var hit = score(entry, words);
      if (hit) { found.push(hit); }
    });
    found.sort(function (a, b) { return b.score - a.score; });
    var en = root.classList.contains("en");
    var line = element("p", "soft");
    line.textContent = en ? found.length + " catalogues" + (found.length > most ? ", the first " + most + " are shown" : "")
      : "找到 " + found.length + " 个目录" + (found.length > most ? "，列出前 " + most + " 个" : "");
    results.appendChild(line);
    found.slice(0, most).forEach(function (hit) { results.appendChild(card(hit, words, en)); });
  }

  function card(hit, words, en) {
    var a = element("a", "card");
    a.href = hit.entry[0];
    var title = element("b", "");
    marked(title, en ? hit.entry[2] : hit.entry[1], words);
    a.appendChild(title);
    var department = element("span", "soft");
    marked(department, (en ? hit.entry[4].replace(/_/g, " ") : hit.entry[3]) + " · " + hit.entry[5], words);
    a.appendChild(department);
    if (hit.fields.length) {
      var tags = element("span", "tags");
      hit.fields.slice(0, 8).forEach(function (f) {
        var tag = element("i", "tag");
        marked(tag, hit.entry[8][f][en ? 1 : 0], words);
        tags.appendChild(tag);
      });
      a.appendChild(tags);
    }
    return a;
  }
  function element(name, style) {
    var e = document.createElement(name);
    if (style) { e.className = style; }
    return e;
  }
  // marked writes a text with the words found in it marked; texts never become markup.
  function marked(into, text, words) {
    var lower = text.toLowerCase(), at = 0;
    while (at < text.length) {
      var next = -1, length = 0;
      words.forEach(function (word) {
        var i = lower.indexOf(word, at);
        if (i >= 0 && (next < 0 || i < next || (i === next && word.length > length))) { next = i; length = word.length; }
      });
      if (next < 0) { break; }
      into.appendChild(document.createTextNode(text.slice(at, next)));
      var mark = element("mark", "");
      mark.textContent = text.slice(next, next + length);
      into.appendChild(mark);
      at = next + length;
    }
    into.appendChild(document.createTextNode(text.slice(at)));
  }

  // The words stand in the address, so that a search can be passed on.
  var given = /^#q=(.*)$/.exec(location.hash);
  if (given) {
    try { query.value = decodeURIComponent(given[1]); } catch (e) { /* an address that somebody cut */ }
  }
  [query, sharing, cycle].forEach(function (input) {
    input.addEventListener("input", function () {
      history.replaceState(null, "", query.value ? "#q=" + encodeURIComponent(query.value) : "#");
      search();
    });
  });
  search();
})();
