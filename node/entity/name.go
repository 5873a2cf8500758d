package entity

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A name is division | trade name | industry | form (六安市 | 皋城 | 农业科技 | 有限公司); the division may stand in brackets behind the trade name.
// A branch's name is its head office's with a tail behind it.

// provinces are the provincial divisions as names of firms begin with them (GB/T 2260).
var provinces = strings.Fields(`中国 北京市 北京 天津市 天津 上海市 上海 重庆市 重庆 河北省 河北 山西省 山西 内蒙古 辽宁省 辽宁 吉林省 吉林 黑龙江省 黑龙江
	江苏省 江苏 浙江省 浙江 安徽省 安徽 福建省 福建 江西省 江西 山东省 山东 河南省 河南 湖北省 湖北 湖南省 湖南 广东省 广东 广西 海南省 海南
	四川省 四川 贵州省 贵州 云南省 云南 西藏 陕西省 陕西 甘肃省 甘肃 青海省 青海 宁夏 新疆`)

// Provinces are the provincial divisions, long and short, as names of firms begin with them.
func Provinces() []string { return slices.Clone(provinces) }

// prefectures are cities as names begin with them without 市; with it they are told by their last character.
var prefectures = strings.Fields(`石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯
	沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 葫芦岛 长春 四平 辽源 通化 白山 松原 白城 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化
	南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
	合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
	南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽
	郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州
	长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮
	南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳
	贵阳 六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 拉萨 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
	兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 西宁 海东 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依`)

// likeDivisions tell a division that no list holds by its last character, but not a supermarket (超市) or an industrial park (园区).
const likeDivisions = `\p{Han}{1,2}[^超夜菜花鸟门都城]市|\p{Han}{1,2}[^小园社发景校片新]区|\p{Han}{1,2}县`

// forms are the ends of names that say how a firm is organised or what kind of place it is.
var forms = strings.Fields(`股份有限公司 有限责任公司 有限公司 股份公司 集团公司 总公司 公司 股份合作社 专业合作社 合作社 合伙企业 事务所 工作室 研究院 研究所 设计院 家庭农场 农场
	便利店 专卖店 小吃店 饭店 超市 商店 商行 商场 商城 门市部 经营部 服务部 批发部 营业部 代理部 加工厂 作坊 基地 中心 网吧 药房 诊所 医院 学校 幼儿园 俱乐部 会所 茶楼 酒楼 酒家 餐厅 餐馆 旅馆 宾馆 酒店
	分公司 店 部 馆 厂 行 场 院 所 社 站 铺 坊 庄 户 屋 阁 吧 园 堂 轩 城 摊`)

// industries are words of GB/T 4754-2017 as names use them. Those that the reference's own names end with are learnt and join them.
var industries = strings.Fields(`农业 林业 牧业 渔业 养殖 种植 苗木 花卉 茶业 茶叶 粮油 粮食 米业 面粉 食品 饮料 酒业 白酒 水产 果蔬 蔬菜 水果 农产品 副食 肉制品 豆制品 调味品 烟酒
	纺织 服装 服饰 制衣 鞋业 鞋服 皮具 箱包 羽绒 家纺 木业 家居 家具 门窗 橱柜 纸业 包装 印务 印刷 文具 玩具 体育 乐器 化工 涂料 日化 化妆品 塑业 塑料 橡胶 制品 建材 水泥 陶瓷 玻璃 石材 石业 砂石 混凝土
	钢铁 钢构 钢结构 金属 五金 铝业 铝材 模具 机械 机电 设备 装备 仪器 仪表 电气 电器 电力 电缆 线缆 电子 光电 照明 灯饰 能源 新能源 新材料 材料 汽配 汽车 配件 船舶 医疗 器械 药业 医药 制药 生物
	建筑 建设 工程 安装 装饰 装潢 装修 市政 路桥 园林 绿化 水利 防水 消防 环保 环境 生态 保洁 物业 房地产 地产 置业 房产 开发 劳务 人力资源 人才 家政 保安 安保
	商贸 贸易 商业 百货 超市 购物 零售 批发 进出口 国际 供应链 物流 运输 货运 快递 仓储 客运 出租 租赁 餐饮 小吃 快餐 早点 面馆 火锅 烧烤 酒店 宾馆 旅游 旅行 住宿
	软件 信息 技术 科技 网络 通信 通讯 数码 计算机 智能 数据 互联网 电商 电子商务 商务 系统 集成 金融 投资 资产 保险 典当 担保 财务 会计 税务 法律 咨询 管理 企业 服务 策划 设计 规划 测绘 检测 监理
	广告 传媒 文化 影视 演艺 艺术 摄影 婚庆 会展 出版 图书 教育 培训 体育 健身 健康 养老 养生 医院 药房 大药房 美容 美发 理发 美业 洗浴 洗涤 干洗 汽修 维修 修理 发展 实业 产业 水暖 器材 卫浴 种业 饲料 肥业 农资 农机`)

// branchTails end the name of a branch, behind its head office's.
const branchTails = `分公司|支公司|子公司|分店|分厂|分部|分社|分行|支行|分理处|营业部|营业厅|办事处|门市部|经营部|服务部|项目部|加工厂|直营店|专卖店|店`

// spell makes out of the names in source (a column text, each once) their normal form and their parts: text, full_name, division (without 省, 市,
// 区 and 县), trade, industry, form, core (trade and industry), head (a branch's head office, in normal form, or empty).
func (e engine) spell(ctx context.Context, source, out string, divisions, words []string) error {
	division := alternatives(slices.Concat(divisions, provinces, prefectures))
	return e.run(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE %[1]s AS
WITH folded AS (
    SELECT text, regexp_replace(name_fold(text), '[^0-9A-Z\p{Han}()]', '', 'g') AS folded FROM %[2]s
),
opened AS (
    SELECT text, name_kept(folded) AS full_name,
           CASE WHEN contains(folded, '(') THEN regexp_extract(folded, '\((?:%[3]s)+\)') ELSE '' END AS bracket,
           CASE WHEN regexp_matches(folded, '(?:公司|合作社|厂).{0,14}(?:%[4]s)$') THEN name_kept(regexp_extract(folded, '^.*?(?:公司|合作社|厂)')) ELSE '' END AS head,
           CASE WHEN contains(folded, '(') THEN regexp_replace(replace(folded, bracket, ''), '[()]', '', 'g') ELSE folded END AS bare
    FROM folded
    WHERE name_kept(folded) IS NOT NULL
),
led AS (
    SELECT *, regexp_extract(bare, '^(?:%[3]s|%[5]s)+') AS lead FROM opened
),
placed AS (
    SELECT text, full_name, head,
           regexp_replace(regexp_replace(CASE WHEN len(bare) - len(lead) >= 2 THEN lead ELSE '' END || bracket, '[()]', '', 'g'), '(\p{Han}{2,}?)[省市区县]', '\1', 'g') AS division,
           CASE WHEN len(bare) - len(lead) >= 2 THEN substr(bare, len(lead) + 1) ELSE bare END AS rest
    FROM led
),
formed AS (
    SELECT *, CASE WHEN len(rest) - len(regexp_extract(rest, '(?:%[6]s)$')) >= 2 THEN regexp_extract(rest, '(?:%[6]s)$') ELSE '' END AS form_written FROM placed
),
cored AS (
    SELECT *, left(rest, len(rest) - len(form_written)) AS core, replace(form_written, '有限责任', '有限') AS form FROM formed
)
SELECT text, full_name, head, division, core, form,
       regexp_extract(substr(core, 3), '(?:%[7]s)+$') AS industry,
       left(core, len(core) - len(industry))          AS trade
FROM cored`, out, source, division, branchTails, likeDivisions, alternatives(forms), alternatives(slices.Concat(words, industries))))
}

// alternatives joins words to a pattern that takes the longest first.
func alternatives(words []string) string {
	sorted := slices.Clone(words)
	slices.SortFunc(sorted, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return strings.Join(slices.Compact(sorted), "|")
}

// list reads a query's only column.
func (e engine) list(ctx context.Context, query string) ([]string, error) {
	rows, err := e.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var each string
		if err := rows.Scan(&each); err != nil {
			return nil, err
		}
		found = append(found, each)
	}
	return found, rows.Err()
}
