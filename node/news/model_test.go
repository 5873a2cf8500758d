package news

import (
	"strings"
	"testing"
)

// The firms of a small place: namesakes in another county, a trade name that is a word, an individual business.
func someFirms() []Firm {
	return []Firm{
		{ID: 1, Names: []string{"六安市皋城农业科技有限公司", "六安市禾源农业科技有限公司"}, LegalPerson: "王示例", Address: "六安市金安区皖西大道1号"},
		{ID: 2, Names: []string{"霍邱县华源商贸有限公司"}, LegalPerson: "李示例", Address: "六安市霍邱县城关镇街道2号"},
		{ID: 3, Names: []string{"金安区华源商贸有限责任公司"}, LegalPerson: "张示例", Address: "六安市金安区人民路3号"},
		{ID: 4, Names: []string{"六安市阳光建材有限公司"}, LegalPerson: "赵示例", Address: "六安市裕安区龙河路4号"},
		{ID: 5, Names: []string{"大别山（六安）旅行社有限公司"}, LegalPerson: "孙示例", Address: "六安市金寨县梅山镇街道5号"},
		{ID: 6, Names: []string{"舒城县老王餐饮馆"}, Individual: true, LegalPerson: "王小示例", Address: "六安市舒城县城关镇街道6号"},
		{ID: 7, Names: []string{"六安市鼎盛建材有限公司"}, LegalPerson: "周示例", Address: "六安市裕安区龙河路7号"},
		{ID: 8, Names: []string{"六安市宏达建材有限公司"}, LegalPerson: "吴示例", Address: "六安市裕安区龙河路8号"},
		{ID: 9, Names: []string{"六安市宏达商贸有限公司"}, LegalPerson: "郑示例", Address: "六安市裕安区龙河路9号"},
		{ID: 10, Names: []string{"霍山县瑞丰农业科技有限公司"}, LegalPerson: "冯示例", Address: "六安市霍山县衡山镇街道10号"},
		{ID: 11, Names: []string{"霍山县金禾农业科技有限公司"}, LegalPerson: "陈示例", Address: "六安市霍山县衡山镇街道11号"},
		{ID: 12, Names: []string{"六安市金顺商贸有限公司"}, LegalPerson: "褚示例", Address: "六安市裕安区龙河路12号"},
	}
}

func TestWhoIsMeant(t *testing.T) {
	m, err := NewModel(someFirms())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		about, text string
		want        map[int64]Kind
	}{
		{"the full name", "六安市皋城农业科技有限公司因虚开发票被查。", map[int64]Kind{1: Fraud}},
		{"a former name", "六安市禾源农业科技有限公司获评优秀企业，受到表彰。", map[int64]Kind{1: Award}},
		{"traditional characters, brackets and spaces", "六安市皋城農業科技 有限公司與（霍邱縣）华源商贸有限公司簽約", map[int64]Kind{1: None, 2: None}},
		{"limited written otherwise", "金安区华源商贸有限公司停业，店面清空。", map[int64]Kind{3: Closure}},
		{"a namesake told by its county", "霍邱县的华源商贸裁员十人。", map[int64]Kind{2: Layoff}},
		{"a namesake that nothing tells", "华源商贸裁员十人。", nil},
		{"a firm of another city", "合肥市华源商贸有限公司裁员十人。", nil},
		{"a firm of another city that bears a name of ours", "芜湖皋城农业科技有限公司仓库起火。", nil},
		{"a firm of a municipality", "上海皋城农业科技有限公司仓库起火。", nil},
		{"a word of the language", "周末阳光明媚，大别山游人如织。", nil},
		{"a place", "大别山里发生一起事故，多人受伤。", nil},
		{"a short name after the full one", "六安市阳光建材有限公司被罚款三万元。阳光公司承诺整改。", map[int64]Kind{4: Penalty}},
		{"an individual business with its county", "舒城县老王餐饮馆被投诉，顾客要求退款。", map[int64]Kind{6: Dispute}},
		{"a longer name that ends in ours", "新皋城农业科技有限公司开业。", nil},
		{"nobody", "签订买卖合同时应当写明违约责任，一旦发生纠纷可以起诉。", nil},
		{"nothing", "", nil},
	} {
		got := map[int64]Kind{}
		for _, s := range m.Read(Text{Body: c.text}) {
			got[s.Firm] = s.Kind
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: found %v, want %v", c.about, got, c.want)
			continue
		}
		for firm, kind := range c.want {
			if got[firm] != kind && kind != None {
				t.Errorf("%s: found %v, want %v", c.about, got, c.want)
			}
			if _, ok := got[firm]; !ok {
				t.Errorf("%s: found %v, want %v", c.about, got, c.want)
			}
		}
	}
}

// TestATextTellsWhoDidWhat teaches the model a few texts in which one firm sues another: it must learn who is sued, for other firms than those
// it was taught.
func TestATextTellsWhoDidWhat(t *testing.T) {
	m, err := NewModel(someFirms())
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"六安市皋城农业科技有限公司", "霍邱县华源商贸有限公司", "六安市鼎盛建材有限公司", "六安市宏达建材有限公司", "六安市金顺商贸有限公司", "霍山县瑞丰农业科技有限公司"}
	ids := []int64{1, 2, 7, 8, 12, 10}
	var taught []Labelled
	for i := range names {
		for j := range names {
			if i == j {
				continue
			}
			taught = append(taught,
				Labelled{Text{ID: "a", Body: names[i] + "将" + names[j] + "诉至法院，要求支付货款。"}, map[int64]Kind{ids[i]: None, ids[j]: Lawsuit}},
				Labelled{Text{ID: "b", Body: names[j] + "被" + names[i] + "起诉，案件择期开庭。"}, map[int64]Kind{ids[i]: None, ids[j]: Lawsuit}})
		}
	}
	if err := m.Teach(taught); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"霍山县金禾农业科技有限公司将六安市阳光建材有限公司诉至法院，要求返还定金。", "六安市阳光建材有限公司被霍山县金禾农业科技有限公司起诉，本周开庭。"} {
		got := map[int64]Kind{}
		for _, s := range m.Read(Text{Body: text}) {
			got[s.Firm] = s.Kind
		}
		if got[4] != Lawsuit || got[11] != None || len(got) != 2 {
			t.Errorf("%s: read as %v; 4 is sued by 11", text, got)
		}
	}
	if err := m.Teach([]Labelled{{Text{ID: "x"}, map[int64]Kind{1: "scandal"}}}); err == nil || !strings.Contains(err.Error(), "scandal") {
		t.Errorf("a kind that is none: %v", err)
	}
}

// TestEventsInOtherWords reads sentences that neither the lexicon's author nor the city wrote templates for; the share read rightly is a figure of
// docs/performance.md.
func TestEventsInOtherWords(t *testing.T) {
	m, err := NewModel(someFirms())
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		kind Kind
		text string
	}{
		{Lawsuit, "因货款纠纷，@被供货方告上法庭，请求判令其偿还欠款。"},
		{Lawsuit, "法院一审判决@赔偿对方损失二十万元，@提起上诉。"},
		{Default, "@在农商行的一笔贷款出现逾期，银行已将其列入关注名单。"},
		{Default, "到期的票据无法兑付，@无力偿还供应链借款。"},
		{Penalty, "因未按规定公示年报信息，@受到行政处罚。"},
		{Penalty, "@违规排放废水，被生态环境部门罚款十万元。"},
		{Fraud, "@负责人因涉嫌非法集资被公安机关带走。"},
		{Fraud, "经核查，@以造假材料骗取稳岗补贴。"},
		{Accident, "今日凌晨，@厂区内发生火灾，火势已被控制。"},
		{Accident, "@承建的工地脚手架坍塌，三名工人受伤送医。"},
		{Layoff, "受行业低迷影响，@启动新一轮裁员计划。"},
		{Closure, "经营十年的@贴出关门告示，老顾客纷纷感到不舍。"},
		{Closure, "@向法院申请破产，管理人已经进驻。"},
		{Dispute, "十几名工人到@门口讨薪，称被拖欠工资三个月。"},
		{Dispute, "多名消费者投诉@虚假宣传，要求退款。"},
		{Award, "@喜获省级放心消费示范单位称号。"},
		{Award, "@荣获全省创新创业大赛二等奖。"},
		{Patent, "@的一项节水装置取得国家专利证书。"},
		{Expansion, "@投资三千万元新建的厂房正式投产。"},
		{Expansion, "@今天迎来第五家分店开业。"},
		{ContractWon, "经评审，@成为该项目的中标单位。"},
		{ContractWon, "@与央企签约，将供应三年的原材料。"},
		{Financing, "凭借良好的纳税记录，@在线上获得贷款五十万元。"},
		{Financing, "@完成千万元级融资。"},
		{None, "@的工作人员向居民介绍如何挑选茶叶。"},
		{None, "市领导一行参观了@的展厅。"},
	}
	right := 0
	for _, c := range cases {
		said := m.Read(Text{Body: strings.ReplaceAll(c.text, "@", "六安市皋城农业科技有限公司")})
		if len(said) != 1 || said[0].Firm != 1 {
			t.Errorf("%s: means %v, want firm 1", c.text, said)
			continue
		}
		if said[0].Kind == c.kind {
			right++
		} else {
			t.Logf("%s: read as %s, means %s", c.text, said[0].Kind, c.kind)
		}
	}
	t.Logf("%d of %d read rightly", right, len(cases))
	if right < len(cases)*8/10 {
		t.Errorf("%d of %d read rightly", right, len(cases))
	}
}

func TestNamesAreTakenApart(t *testing.T) {
	p := newParser(someFirms())
	for registered, want := range map[string]name{
		"六安市宏达商贸有限公司":      {core: "宏达商贸", trade: "宏达", org: "有限公司"},
		"霍山县瑞丰农业科技有限公司":    {core: "瑞丰农业科技", trade: "瑞丰", org: "有限公司"},
		"大别山（六安）旅行社有限公司":   {core: "大别山旅行社", org: "有限公司"},
		"金安区华源商贸有限责任公司":    {core: "华源商贸", trade: "华源", org: "有限责任公司"},
		"安徽宏达商贸集团有限公司":     {core: "宏达商贸", trade: "宏达", org: "集团有限公司"},
		"六安市金安区宏达建材股份有限公司": {core: "宏达建材", trade: "宏达", org: "股份有限公司"},
	} {
		if got := p.parse(registered, false); got.core != want.core || got.trade != want.trade || got.org != want.org {
			t.Errorf("%s is taken apart as %+v, want %+v", registered, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	m, err := NewModel(someFirms())
	if err != nil {
		f.Fatal(err)
	}
	f.Add("标题", "六安市皋城农业科技有限公司与“华源”商贸、（六安）阳光\xff公司")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, title, body string) {
		for _, s := range m.Read(Text{Title: title, Body: body}) {
			if s.Confidence < linkThreshold || s.Confidence > 1 || s.Sure <= 0 || s.Sure > 1 {
				t.Fatalf("%+v", s)
			}
		}
	})
}
