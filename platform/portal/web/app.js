// What the pages do beyond forms and links. Every page works without it.
(function () {
  'use strict';
  document.documentElement.classList.add('js');

  // Charts. ECharts is fetched only by pages that draw one; the tables below the charts then fold away.
  var tones = { a: '#1f7a53', b: '#7aa83f', c: '#d09a35', d: '#cf6a2c', e: '#a52a2a', landed: '#2f6690', duplicate: '#b9b4a6', quarantined: '#cf6a2c' };
  var plain = ['#24496d', '#a63d2a', '#7a8b99', '#d09a35'];
  var font = getComputedStyle(document.body).fontFamily;
  var quiet = '#55606c';

  function number(n) { return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ','); }

  function base() {
    return {
      textStyle: { fontFamily: font, color: '#1f2933' },
      animationDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 500,
      animationDurationUpdate: 0, // a changed width is drawn at once, for print too
      tooltip: { renderMode: 'richText', trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: function (v) { return number(v); }, confine: true },
      grid: { left: 8, right: 28, top: 30, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' }
    };
  }

  function colour(data, i) {
    return data.tones && tones[data.tones[i]] ? tones[data.tones[i]] : plain[i % plain.length];
  }

  function valueAxis(data) {
    return { type: 'value', name: data.unit || '', nameTextStyle: { color: quiet }, axisLabel: { color: quiet, formatter: number, hideOverlap: true }, splitLine: { lineStyle: { color: '#eceae3' } } };
  }

  var draw = {
    bars: function (data) {
      var o = base();
      o.xAxis = { type: 'category', data: data.rows, axisTick: { show: false }, axisLabel: { color: '#1f2933' } };
      o.yAxis = valueAxis(data);
      o.series = [{
        type: 'bar', name: data.series[0].name, barMaxWidth: 54,
        label: { show: true, position: 'top', color: '#1f2933', formatter: function (p) { return number(p.value); } },
        data: data.series[0].values.map(function (v, i) { return { value: v, itemStyle: { color: colour(data, i), borderRadius: [3, 3, 0, 0] } }; })
      }];
      return o;
    },
    stacked: function (data, narrow) {
      var o = base();
      o.legend = { top: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: quiet } };
      // The room for the names is fixed, so that bars and axis always share one edge.
      o.grid = { left: narrow ? 100 : 190, right: 28, top: 36, bottom: 28, outerBoundsMode: 'none' };
      o.yAxis = { type: 'category', data: data.rows, inverse: true, axisTick: { show: false }, axisLabel: { color: '#1f2933', width: narrow ? 90 : 170, overflow: 'truncate' } };
      o.xAxis = valueAxis(data);
      o.xAxis.name = '';
      o.series = data.series.map(function (s, i) {
        return { type: 'bar', stack: 'all', name: s.name, data: s.values, barMaxWidth: 22, itemStyle: { color: colour(data, i) } };
      });
      return o;
    },
    funnel: function (data) {
      var o = base();
      o.tooltip = { renderMode: 'richText', trigger: 'item', formatter: function (p) { return p.name + '  ' + number(p.value); }, confine: true };
      var top = Math.max.apply(null, data.series[0].values.concat([1]));
      o.series = [{
        type: 'funnel', left: '6%', right: '6%', top: 10, bottom: 10, minSize: '46%', max: top, sort: 'none', gap: 4,
        label: { show: true, position: 'inside', color: '#fff', fontSize: 14, formatter: function (p) { return p.name + '  ' + data.series[0].text[p.dataIndex]; } },
        itemStyle: { borderWidth: 0 },
        data: data.series[0].values.map(function (v, i) {
          return { name: data.rows[i], value: v, itemStyle: { color: ['#17324d', '#24496d', '#3b6a94', '#a63d2a'][i % 4] } };
        })
      }];
      return o;
    },
    line: function (data) {
      var o = base();
      o.legend = { top: 0, textStyle: { color: quiet } };
      o.grid.top = 46;
      o.xAxis = { type: 'category', data: data.rows, axisTick: { show: false }, axisLabel: { color: quiet } };
      o.yAxis = [valueAxis(data), { type: 'value', axisLabel: { color: quiet }, splitLine: { show: false }, minInterval: 1 }];
      o.series = data.series.map(function (s, i) {
        return i === 0
          ? { type: 'bar', name: s.name, data: s.values, barMaxWidth: 36, itemStyle: { color: plain[0], borderRadius: [3, 3, 0, 0] } }
          : { type: 'line', name: s.name, data: s.values, yAxisIndex: 1, itemStyle: { color: plain[1] }, symbolSize: 7 };
      });
      return o;
    }
  };

  function drawAll() {
    document.querySelectorAll('[data-source]').forEach(function (box) {
      var source = document.getElementById(box.dataset.source);
      if (!source || !draw[box.dataset.chart]) { return; }
      var data = JSON.parse(source.textContent);
      if (box.dataset.chart === 'stacked') { box.style.height = Math.max(220, 70 + 34 * data.rows.length) + 'px'; }
      var chart = echarts.init(box, null, { renderer: 'canvas' });
      var narrow = box.clientWidth < 480;
      chart.setOption(draw[box.dataset.chart](data, narrow));
      new ResizeObserver(function () {
        chart.resize();
        if (narrow !== box.clientWidth < 480) {
          narrow = !narrow;
          chart.setOption(draw[box.dataset.chart](data, narrow), true);
        }
      }).observe(box);
      var table = box.parentElement.querySelector('.chart-table');
      if (table) { table.open = false; }
    });
    document.documentElement.dataset.charts = 'drawn';
  }

  function fetchCharts() {
    if (!document.querySelector('[data-source]')) { return; }
    var script = document.createElement('script');
    script.src = document.querySelector('main').dataset.charts;
    script.onload = drawAll;
    // Without the library the tables stay, and the empty boxes go.
    script.onerror = function () { document.querySelectorAll('.chart-canvas').forEach(function (box) { box.style.display = 'none'; }); };
    document.head.appendChild(script);
  }

  // The proof of a log entry, computed here and not believed (RFC 6962).
  function fromHex(text) {
    var out = new Uint8Array(text.length / 2);
    for (var i = 0; i < out.length; i++) { out[i] = parseInt(text.substr(2 * i, 2), 16); }
    return out;
  }
  function toHex(bytes) { return Array.from(bytes, function (b) { return b.toString(16).padStart(2, '0'); }).join(''); }
  function hash(prefix, a, b) {
    var all = new Uint8Array(1 + a.length + b.length);
    all[0] = prefix;
    all.set(a, 1);
    all.set(b, 1 + a.length);
    return crypto.subtle.digest('SHA-256', all).then(function (d) { return new Uint8Array(d); });
  }
  async function rootOf(p) {
    var leaf = Uint8Array.from(atob(p.leaf), function (c) { return c.charCodeAt(0); });
    var node = await hash(0, leaf, new Uint8Array(0));
    var index = p.index, last = p.size - 1;
    for (var i = 0; i < p.path.length; i++) {
      if (last === 0) { throw new Error('the path is too long'); }
      if (index % 2 === 1 || index === last) {
        node = await hash(1, fromHex(p.path[i]), node);
        while (index % 2 === 0 && index !== 0) { index = Math.floor(index / 2); last = Math.floor(last / 2); }
      } else {
        node = await hash(1, node, fromHex(p.path[i]));
      }
      index = Math.floor(index / 2);
      last = Math.floor(last / 2);
    }
    if (last !== 0) { throw new Error('the path is too short'); }
    return toHex(node);
  }
  function verifyHere(button) {
    var p = JSON.parse(document.getElementById(button.dataset.verify).textContent);
    var said = button.parentElement.querySelector('.verify-outcome');
    var say = function (good) {
      said.textContent = good ? said.dataset.good : said.dataset.bad;
      said.className = 'verify-outcome ' + (good ? 'is-good' : 'is-bad');
    };
    rootOf(p).then(function (root) { say(root === p.root); }, function () { say(false); });
  }

  // What a button does is said by its attributes; one listener serves pages and parts that htmx brings later.
  document.addEventListener('click', function (event) {
    var print = event.target.closest('[data-print]');
    if (print) { window.print(); return; }
    var verify = event.target.closest('[data-verify]');
    if (verify) { verifyHere(verify); return; }
    document.querySelectorAll('details.menu[open]').forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
  });
  document.addEventListener('keydown', function (event) {
    if (event.key === 'Escape') { document.querySelectorAll('details.menu[open]').forEach(function (menu) { menu.open = false; }); }
  });
  // A form that was sent is not sent again by a second click.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (form.method !== 'post') { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = 'yes';
    setTimeout(function () { form.querySelectorAll('button[type=submit]').forEach(function (b) { b.setAttribute('aria-busy', 'true'); }); }, 0);
  });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-sent]').forEach(function (form) { delete form.dataset.sent; });
    var here = document.querySelector('.nav-item.is-here');
    if (here) { here.parentElement.scrollLeft = Math.max(0, here.offsetLeft - 60); }
    var wrong = document.querySelector('.alert-danger[tabindex]');
    if (wrong) { wrong.focus(); }
  });
  fetchCharts();
})();
