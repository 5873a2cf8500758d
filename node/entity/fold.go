package entity

import (
	"strings"
	"unicode"
)

// The tables of spellings: each character of from is written as the one at the same place of to.
type folding struct{ from, to []rune }

func (f *folding) add(from, to string) {
	if len([]rune(from)) != len([]rune(to)) {
		panic("entity: a table of spellings is out of step")
	}
	f.from = append(f.from, []rune(from)...)
	f.to = append(f.to, []rune(to)...)
}

// widths folds letters, digits and brackets of every width and case to half-width capitals.
func widths() folding {
	var f folding
	for c := 'a'; c <= 'z'; c++ {
		f.add(string([]rune{c, c - 'a' + 'ａ', c - 'a' + 'Ａ'}), strings.Repeat(string(c-'a'+'A'), 3))
	}
	for c := '0'; c <= '9'; c++ {
		f.add(string(c-'0'+'０'), string(c))
	}
	f.add("（）〔〕【】［］「」『』《》〈〉[]{}｛｝<>", strings.Repeat("()", 12))
	return f
}

// codeFolding also writes O as 0 and I as 1: no code of ours holds the letters, and clerks mistake them.
func codeFolding() folding {
	f := widths()
	for i, c := range f.to {
		f.to[i] = unmistaken(c)
	}
	f.add("OI", "01")
	return f
}

func unmistaken(c rune) rune {
	switch c {
	case 'O':
		return '0'
	case 'I':
		return '1'
	default:
		return c
	}
}

// nameFolding also writes traditional characters, and variants of one character, as the simplified one. The table is modest: characters that
// stand in names of firms.
func nameFolding() folding {
	f := widths()
	for _, pair := range strings.Fields(traditional) {
		runes := []rune(pair)
		f.add(string(runes[0]), string(runes[1]))
	}
	return f
}

const traditional = `
	華华 豐丰 東东 興兴 發发 業业 農农 產产 貿贸 實实 電电 機机 車车 運运 輸输 網网 絡络 學学 醫医 藥药 飲饮 館馆 廠厂 廣广 龍龙 鳳凤 鴻鸿 潤润
	達达 遠远 順顺 億亿 萬万 寶宝 銀银 鋼钢 鐵铁 銅铜 鋁铝 錦锦 陽阳 陰阴 雲云 飛飞 馬马 魚鱼 鳥鸟 鮮鲜 麗丽 齊齐 聖圣 聯联 職职 聲声 肅肃 臺台
	與与 舉举 舊旧 藝艺 節节 範范 蘇苏 蘭兰 處处 號号 衛卫 裝装 製制 複复 規规 視视 覺觉 觀观 計计 訊讯 設设 訓训 記记 許许 評评 試试 話话 該该
	詳详 認认 語语 誠诚 說说 課课 調调 談谈 請请 論论 諾诺 謙谦 證证 識识 譽誉 讀读 財财 貨货 貴贵 費费 資资 賓宾 賢贤 質质 購购 贏赢 贊赞 趙赵
	跡迹 踐践 躍跃 軍军 軟软 軒轩 輕轻 載载 輝辉 輪轮 辦办 邊边 進进 連连 週周 過过 適适 選选 遼辽 郵邮 鄉乡 鄧邓 鄭郑 釀酿 釋释 鍋锅 鍊炼 鎮镇
	鏡镜 鐘钟 長长 門门 開开 間间 閣阁 關关 陳陈 陸陆 際际 險险 隨随 雙双 雜杂 離离 難难 霧雾 靈灵 靜静 韓韩 頂顶 項项 須须 預预 頭头 頻频 題题
	顏颜 願愿 類类 顧顾 風风 養养 餘余 駿骏 騰腾 驗验 體体 鬆松 鹽盐 麥麦 黃黄 點点 齡龄 龜龟 務务 動动 勁劲 勝胜 勞劳 勢势 匯汇 區区 協协 單单
	衝冲 凱凯 劃划 創创 劉刘 劑剂 勵励 員员 問问 啟启 喬乔 團团 園园 國国 圍围 圓圆 圖图 場场 塊块 塗涂 塵尘 墊垫 墻墙 壇坛 壓压 壯壮 壽寿 夢梦
	奧奥 婦妇 孫孙 寧宁 審审 寫写 將将 專专 尋寻 對对 導导 層层 屬属 岡冈 島岛 嶺岭 嶽岳 幣币 師师 帶带 幫帮 幹干 庫库 應应 廈厦 張张 強强 彈弹
	彙汇 徑径 從从 復复 徵征 態态 慶庆 憶忆 懷怀 戰战 戲戏 戶户 擇择 擔担 據据 擴扩 攝摄 攜携 數数 斷断 時时 晉晋 曉晓 暢畅 曆历 書书 會会 楊杨
	極极 楓枫 榮荣 構构 標标 樂乐 樓楼 樣样 樸朴 樹树 橋桥 檢检 檔档 欄栏 權权 歐欧 歡欢 歲岁 歷历 歸归 殺杀 氣气 決决 沖冲 況况 減减 渦涡 測测
	湯汤 溝沟 溫温 滄沧 滅灭 漁渔 漢汉 漿浆 潔洁 澤泽 濟济 濤涛 濱滨 灣湾 災灾 無无 煙烟 熱热 燈灯 營营 爐炉 爾尔 牽牵 獎奖 獨独 獻献 環环 現现
	瑪玛 瓊琼 畢毕 畫画 當当 療疗 監监 盤盘 眾众 礦矿 碼码 確确 礎础 禮礼 禪禅 種种 稱称 穀谷 積积 穩稳 窯窑 競竞 筆笔 築筑 簡简 籃篮 糧粮 紀纪
	約约 紅红 紋纹 納纳 純纯 紙纸 級级 紡纺 細细 終终 組组 結结 絕绝 統统 絲丝 經经 綠绿 維维 綱纲 綜综 綢绸 綿绵 緣缘 編编 練练 縣县 總总 績绩
	織织 繪绘 繡绣 繼继 續续 罰罚 羅罗 義义 習习 聽听 膠胶 腦脑 臨临 艦舰 莊庄 葉叶 著着 蔣蒋 蓮莲 薩萨 藍蓝 蘆芦 蠟蜡 蠶蚕 術术 補补 襯衬 親亲
	詢询 誼谊 變变 豬猪 貝贝 貞贞 負负 貢贡 販贩 貫贯 責责 貼贴 賀贺 賈贾 賣卖 賽赛 贈赠 趨趋 轉转 遊游 遙遥 遷迁 鄰邻 醬酱 釘钉 針针 鈣钙 鈦钛
	鈴铃 鉆钻 鉑铂 鋒锋 鋪铺 錄录 錢钱 鍵键 鎖锁 鏈链 鑄铸 鑒鉴 閃闪 閩闽 閱阅 陣阵 隊队 階阶 雞鸡 韋韦 韻韵 響响 頁页 領领 顯显 飯饭 飾饰 餅饼
	饌馔 駕驾 駱骆 鬧闹 鮑鲍 鯉鲤 鯨鲸 鳴鸣 鴨鸭 鵬鹏 鶴鹤 鷹鹰 麵面 黨党 齒齿 來来 兩两 個个 們们 倉仓 價价 儀仪 優优 儲储 內内 亞亚 併并 傑杰
	傳传 債债 傢家 僑侨 冊册 凍冻 鳯凤 峯峰 羣群 夀寿 堃坤 喆哲 昇升 鉅巨 衞卫 裏里 祕秘 荘庄 陞升
`

// NormalizeCode is the normal form of an identifier: half-width capitals and digits, O as 0, I as 1, nothing else.
func NormalizeCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, codeFolding().of(s))
}

// NormalizeName is the normal form of a firm's name: width, case, traditional characters and brackets folded, marks and spaces dropped, and
// one spelling for each form of organisation. Two names with one normal form are one full name.
func NormalizeName(s string) string {
	folded := nameFolding().of(s)
	for _, label := range labels {
		folded = strings.ReplaceAll(folded, "("+label+")", "")
	}
	kept := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || unicode.Is(unicode.Han, r) {
			return r
		}
		return -1
	}, folded)
	return strings.ReplaceAll(kept, "有限责任公司", "有限公司")
}

// labels stand in brackets after a name without being part of it.
var labels = []string{"个体工商户", "个人独资", "普通合伙", "特殊普通合伙", "有限合伙", "曾用名", "已注销", "注销"}

func (f folding) of(s string) string {
	at := make(map[rune]rune, len(f.from))
	for i, r := range f.from {
		at[r] = f.to[i]
	}
	return strings.Map(func(r rune) rune {
		if to, ok := at[r]; ok {
			return to
		}
		return r
	}, s)
}

// sql is the folding of an expression. Most text holds no character to fold, and finding that out is far cheaper than folding.
func (f folding) sql(s string) string {
	class := strings.NewReplacer("[", `\[`, "]", `\]`).Replace(string(f.from))
	return "CASE WHEN regexp_matches(" + s + ", '[" + class + "]') THEN translate(" + s + ", '" + string(f.from) + "', '" + string(f.to) + "') ELSE " + s + " END"
}
