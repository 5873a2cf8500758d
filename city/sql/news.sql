-- What the public says of firms. Given: who, firm_month, event, lawsuit, loan, county. Made: news_text (one row per text), news_truth (one row
-- per text and firm of this city that it means).

-- What is written of each kind of event. {S} is the firm at its first mention, {s} at a later one, {O} another firm, {C} the county, {D} the day,
-- {H} who heads the firm, {M} an amount, {N} a small number.
CREATE TABLE news_template AS
FROM (VALUES
    ('lawsuit', '{S}被诉至法院', '{D}，{C}人民法院立案受理一起买卖合同纠纷。原告称{S}拖欠货款{M}万元，多次催要未果。{s}尚未作出回应。'),
    ('lawsuit', '一起合同纠纷开庭', '{O}将{S}诉至法院，要求支付欠款{M}万元及利息。庭审中，{s}对欠款数额提出异议，案件将择期宣判。'),
    ('lawsuit', '法院公告', '{S}：本院受理原告{O}诉你公司承揽合同纠纷一案，现依法向你公司公告送达起诉状副本，限你公司{N}日内提交答辩状。'),
    ('lawsuit', '{S}成为被告', '记者从{C}人民法院获悉，{S}因租赁合同纠纷被起诉，涉案金额{M}万元。法定代表人{H}没有到庭。'),
    ('lawsuit', '供应商讨要货款', '{O}负责人表示，已就拖欠的{M}万元货款向法院提起诉讼，被告为{S}。'),
    ('lawsuit', '判决来了', '{C}法院近日作出判决，{S}应在十日内向{O}支付工程款{M}万元。{s}表示将上诉。'),
    ('default', '{S}贷款逾期', '据知情人士透露，{S}在一家银行的{M}万元贷款已经逾期，银行正在催收。{s}资金链紧张。'),
    ('default', '还不上的贷款', '{D}，{S}未能按期归还到期借款{M}万元，担保人被要求代偿。'),
    ('default', '企业债务违约', '{S}日前出现债务违约，涉及本息{M}万元，债权银行已启动资产保全。法定代表人{H}称正在筹款。'),
    ('default', '欠息名单更新', '最新一期欠息企业名单中，位于{C}的{S}在列，拖欠利息已超过三个月。{s}电话无人接听。'),
    ('default', '展期被拒', '{S}向银行申请贷款展期未获同意，{M}万元本金形成逾期。'),
    ('penalty', '{S}被罚', '{C}市场监督管理局公布处罚决定，{S}因违反有关规定被处以罚款{M}万元，并责令改正。'),
    ('penalty', '行政处罚信息公示', '处罚对象：{S}。违法事实：未按规定办理。处罚内容：罚款人民币{M}万元。{s}已签收处罚决定书。'),
    ('penalty', '环保检查通报', '执法人员在检查中发现{S}污染防治设施运行不正常，依法立案查处，罚款{M}万元。'),
    ('penalty', '不合格产品曝光', '监督抽检结果显示，{S}销售的一批产品不合格，主管部门已没收违法所得并作出处罚。'),
    ('penalty', '违规被通报', '{S}因超范围经营被{C}主管部门通报批评并处罚，{s}承诺限期整改。'),
    ('fraud', '{S}涉嫌虚开发票', '税务稽查部门查明，{S}在没有真实业务的情况下对外虚开增值税发票，涉案金额{M}万元，案件已移送公安机关。'),
    ('fraud', '警方立案侦查', '{C}公安分局对{S}涉嫌合同诈骗一案立案侦查，实际控制人{H}已被采取强制措施。'),
    ('fraud', '列入严重违法失信名单', '{S}提交虚假材料骗取登记，被列入严重违法失信名单。'),
    ('fraud', '骗取补贴被查', '经查，{S}伪造材料骗取财政补贴{M}万元，{s}已被追缴资金并取消资格。'),
    ('accident', '{S}发生火情', '{D}，位于{C}的{S}一车间起火，消防人员到场扑救，无人员伤亡，起火原因正在调查。'),
    ('accident', '安全生产事故通报', '{S}施工现场发生一起高处坠落事故，造成{N}人受伤。{s}已被责令停工整顿。'),
    ('accident', '货车侧翻', '{S}一辆货车在{C}境内侧翻，{N}人受伤送医，交警部门正在处理事故。'),
    ('accident', '夜间仓库爆燃', '{D}晚，{S}仓库发生爆燃，附近居民被疏散。应急管理部门已介入。'),
    ('layoff', '{S}裁员', '多名员工向记者反映，{S}近期裁员{N}0人，部分岗位被撤销。{s}称系正常人员优化。'),
    ('layoff', '订单减少，车间放假', '由于订单下滑，{S}让一线工人轮流放假，已有{N}0余人离职。'),
    ('layoff', '公司减员', '{C}{S}大幅减员，今年以来员工减少近三成，{H}坦言经营压力很大。'),
    ('layoff', '停薪留职', '{S}通知部分员工停薪留职，{s}人力部门没有说明恢复时间。'),
    ('closure', '{S}停业', '{D}，{S}张贴停业告示，店面已清空，供货商和顾客前来询问。'),
    ('closure', '清算公告', '{S}股东会决议解散公司，现已成立清算组，请债权人自公告之日起{N}5日内申报债权。'),
    ('closure', '人去楼空', '记者走访发现，{C}的{S}大门紧闭，厂房人去楼空，{s}已申请注销登记。'),
    ('closure', '注销登记公告', '{S}拟向登记机关申请注销登记，负责人{H}，特此公告。'),
    ('dispute', '员工讨薪', '{N}名员工反映{S}拖欠工资两个月，{C}劳动监察大队已介入调解。'),
    ('dispute', '劳动仲裁受理', '劳动人事争议仲裁委员会受理了员工与{S}的争议，涉及加班费和经济补偿。{s}未派人参加调解。'),
    ('dispute', '消费者投诉', '市民投诉{S}不退预付款，消费者协会多次联系，{s}均以各种理由推托。'),
    ('dispute', '业主维权', '多位业主在{C}聚集，要求{S}兑现承诺，双方争执不下。'),
    ('award', '{S}获表彰', '{C}召开表彰大会，{S}获评年度优秀民营企业，{H}上台领奖。'),
    ('award', '入选专精特新名单', '最新公布的省级专精特新中小企业名单中，{S}榜上有名。{s}多年深耕主业。'),
    ('award', '质量奖揭晓', '{S}荣获市长质量奖，评审专家认为{s}管理规范、产品过硬。'),
    ('award', '守合同重信用', '{S}连续{N}年被评为守合同重信用企业。'),
    ('patent', '{S}获发明专利', '{S}研发的一项新工艺日前获得国家发明专利授权，{s}累计拥有专利{N}项。'),
    ('patent', '技术攻关见成效', '经过两年攻关，{C}{S}取得实用新型专利证书，产品良率明显提高。'),
    ('patent', '成果转化', '{S}与高校合作的专利成果投入生产，{H}表示将继续加大研发投入。'),
    ('expansion', '{S}新厂开工', '{D}，{S}二期项目在{C}开工，总投资{M}万元，投产后可新增就业{N}0人。'),
    ('expansion', '增资扩产', '{S}注册资本增加到{M}万元，{s}将新建一条生产线。'),
    ('expansion', '新门店开业', '{S}第{N}家分店在{C}开业，吸引不少市民。'),
    ('expansion', '走出去', '{S}产品首次出口海外，{s}今年计划扩大产能三成。'),
    ('contract_won', '{S}中标', '{C}公共资源交易中心公示，{S}中标一项目，中标金额{M}万元。'),
    ('contract_won', '签下大单', '{S}与一家大型企业签订供货合同，合同金额{M}万元，{s}订单排到明年。'),
    ('contract_won', '成交结果公告', '成交供应商：{S}；成交金额：{M}万元；服务期限{N}年。'),
    ('contract_won', '携手合作', '{D}，{S}与{O}签署战略合作协议，首批采购{M}万元。'),
    ('financing', '{S}获贷款支持', '银行为{S}发放信用贷款{M}万元，解了燃眉之急。{H}说，从申请到放款只用了{N}天。'),
    ('financing', '融资到位', '{S}完成新一轮融资，金额{M}万元，资金将用于研发。'),
    ('financing', '普惠金融进园区', '在{C}的银企对接会上，{S}与银行签订授信协议，{s}获得授信{M}万元。'),
    ('none', '{S}参加农博会', '{S}携新产品参加本届农博会，展位前人头攒动。'),
    ('none', '走进企业', '近日，{C}的干部到{S}走访调研，详细了解{s}生产经营情况。'),
    ('none', '志愿服务在行动', '{S}的{N}名员工来到社区开展志愿服务，受到居民欢迎。'),
    ('none', '消防演练', '{S}举行消防应急演练，{H}向员工讲解灭火器使用方法。'),
    ('none', '招聘信息', '{S}招聘普工{N}名，工作地点{C}，包吃住，月薪面议，联系人{H}。'),
    ('none', '公司年会', '{S}举办年会，员工表演了丰富多彩的节目。'),
    ('none', '地址变更启事', '{S}办公地点已迁至{C}，联系电话不变，特此告知。'),
    ('none', '好物推荐', '朋友推荐的，{S}家的东西还不错，老板{H}人也实在，下次还来。'),
    ('nobody', '阳光明媚好踏青', '周末阳光明媚，大别山里花开正盛，万佛湖畔游人如织，交通部门提醒错峰出行。'),
    ('nobody', '天气预报', '预计未来三天以多云为主，大别山区有小雨，白云庵一带有雾，请注意行车安全。'),
    ('nobody', '{C}召开工作会议', '{C}召开安全生产工作会议，要求各单位压实责任，排查隐患，杜绝事故。'),
    ('nobody', '普法小课堂', '签订买卖合同时应当写明违约责任。一旦发生纠纷，可以向人民法院起诉，也可以申请仲裁。'),
    ('nobody', '防范电信诈骗', '警方提醒：凡是要求先交保证金再放贷款的，都是诈骗。请保护好个人信息。'),
    ('nobody', '{C}一季度经济运行', '一季度，{C}规模以上工业增加值增长{N}%，新增市场主体稳步增加，丰收农业带动就业。'),
    ('nobody', '老街新貌', '改造后的老街灯火辉煌，小吃店和茶馆鳞次栉比，东方明亮起来时，早点摊已飘出香味。'),
    ('nobody', '天堂寨迎来旅游旺季', '天堂寨景区日接待游客突破{N}千人次，梅山湖观光船全部满员，铜锣寨民宿一房难求。'),
    ('nobody', '某公司被罚', '一家经营部因销售过期食品被罚款{M}元。执法人员表示，将持续开展检查。'),
    ('nobody', '和顺家风故事会', '社区举办和顺家风故事会，老人们讲述诚信做人、勤劳致富的往事。'),
    ('nobody', '求助帖', '请问{C}哪里可以修手机？在线等，急。'),
    ('nobody', '公积金政策调整', '住房公积金贷款最高额度上调至{M}万元，自下月起执行。')
) t(kind, title, body);

-- One row per event that is written about. Texts about nobody, and about firms elsewhere, have no firm of the city.
CREATE TABLE news_story AS
WITH told AS (
    SELECT 'lawsuit' AS kind, firm, judged_on AS happened_on, lawsuit AS seq FROM lawsuit WHERE role = '被告' AND u(firm, lawsuit, 'news.lawsuit') < 0.16
    UNION ALL
    SELECT 'default', firm, (missed_on + 20)::DATE, loan FROM loan WHERE missed_on IS NOT NULL AND cured_days IS NULL AND u(firm, loan, 'news.default') < 0.40
    UNION ALL
    SELECT CASE event WHEN 'serious' THEN 'fraud' WHEN 'labour_dispute' THEN 'dispute' WHEN 'patent' THEN 'patent' ELSE 'penalty' END, firm, (happened_on + 6)::DATE, t * 16 + hash(event) % 16
    FROM event
    WHERE event IN ('serious', 'labour_dispute', 'patent', 'penalty', 'environment_penalty')
      AND u(firm, t, 'news.' || event) < CASE event WHEN 'serious' THEN 0.8 WHEN 'patent' THEN 0.15 ELSE 0.3 END
    UNION ALL
    SELECT 'closure', firm, died_on, 0 FROM who WHERE died_on IS NOT NULL AND u(firm, 0, 'news.closure') < 0.15
    UNION ALL
    SELECT 'expansion', firm, raised_on, 1 FROM who WHERE raised_on IS NOT NULL AND u(firm, 0, 'news.raised') < 0.4
    UNION ALL
    SELECT 'financing', firm, (month_of(t) + 20)::DATE, loan FROM loan WHERE u(firm, loan, 'news.lent') < 0.06
    UNION ALL
    SELECT drawn.kind, firm, (month + pick(28, firm, t, 'news.day')::INTEGER)::DATE, t
    FROM firm_month JOIN (FROM (VALUES
        ('accident', 0.0004, -0.5, ['A', 'C', 'E', 'G', 'N']), ('layoff', 0.0008, -1.1, ['C', 'E', 'F', 'H', 'I', 'L']), ('award', 0.0008, 0.6, NULL), ('dispute', 0.0003, -0.6, NULL),
        ('expansion', 0.0006, 0.5, NULL), ('contract_won', 0.0014, 0.4, ['C', 'E', 'I', 'L', 'M', 'N']), ('none', 0.0045, 0.0, NULL)) v(kind, rate, slope, sections)) drawn
      ON drawn.sections IS NULL OR list_contains(drawn.sections, section)
    WHERE u(firm, t, 'news.' || drawn.kind) < drawn.rate * exp(drawn.slope * least(2.5, greatest(-2.5, h)))
    UNION ALL
    SELECT 'nobody', NULL, (DATE '2022-01-05' + pick(1720, id, 0, 'news.nobody')::INTEGER)::DATE, id FROM range(1, 1 + firms() * 4 // 10) r(id)
    UNION ALL
    -- Firms elsewhere: much the same is written of them, and some bear the names of firms here.
    SELECT one_of(['lawsuit', 'penalty', 'award', 'contract_won', 'none', 'closure', 'financing', 'accident'], id, 0, 'news.elsewhere'), NULL,
           (DATE '2022-01-05' + pick(1720, id, 0, 'news.elsewhere.day')::INTEGER)::DATE, firms() + id FROM range(1, 1 + firms() * 15 // 100) r(id)
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY happened_on, kind, firm, seq) AS story FROM told WHERE happened_on BETWEEN DATE '2022-01-01' AND last_day_lived()
)
SELECT *, 1 + pick(firms(), story, 0, 'news.other') AS other FROM numbered;

-- How a text names a firm: a draw r, and what the firm is called. Media write the full name first and a short one later; posts are looser.
CREATE MACRO first_mention(r, f) AS CASE
    WHEN f.kind = 'individual' THEN CASE WHEN r < 0.62 OR f.name NOT LIKE f.county_name || '%' THEN f.name
                                           WHEN r < 0.92 THEN f.county_name || f.trade || f.word || f.form ELSE f.county_name || '的' || f.trade || f.word || f.form END
    WHEN r < 0.42 THEN f.name
    WHEN r < 0.55 THEN left(f.name, len(f.name) - len(f.form))
    WHEN r < 0.70 THEN f.trade || f.word || f.form
    WHEN r < 0.84 THEN f.trade || f.word
    WHEN r < 0.91 THEN left(f.city_name, 2) || f.trade || f.word
    WHEN r < 0.935 THEN translate(f.name, '华达兴丰东发业农贸实电机车网药厂广龙凤润远顺亿万宝银', '華達興豐東發業農貿實電機車網藥廠廣龍鳳潤遠順億萬寶銀')
    WHEN r < 0.95 THEN f.county_name || '的' || f.trade || '公司'
    WHEN r < 0.97 THEN replace(replace(f.name, '（', '('), '）', ')')
    ELSE coalesce(f.former, f.name) END;
CREATE MACRO later_mention(r, f) AS CASE
    WHEN f.kind = 'individual' THEN CASE WHEN r < 0.5 THEN f.trade || f.word || f.form ELSE '该店' END
    WHEN r < 0.35 THEN f.trade || f.word WHEN r < 0.65 THEN f.trade || '公司' WHEN r < 0.85 THEN '该公司' ELSE '“' || f.trade || '”' END;

-- One row per text.
CREATE TABLE news_text AS
WITH named AS (
    SELECT firm, {'name': name_on(last_day_lived(), renamed_on, old_name, name), 'trade': trade, 'word': word, 'form': form, 'kind': kind, 'city_name': city_name, 'county_name': county_name, 'head': head_name,
                  'former': CASE WHEN renamed_on IS NOT NULL THEN old_name END} AS who
    FROM who
), template AS (
    SELECT kind, list({'title': title, 'body': body} ORDER BY title, body) AS texts FROM news_template GROUP BY kind
), drawn AS (
    SELECT s.*, one_of(p.texts, s.story, 0, 'news.template') AS text, w.who AS me, o.who AS they,
           one_of((SELECT list(name ORDER BY code) FROM county), s.story, 0, 'news.county') AS some_county,
           u(s.story, 0, 'news.they') < 0.5 AS they_are_here,
           one_of(list_filter(['合肥市', '上海', '南京市', '杭州', '安庆市', '淮南市', '芜湖市', '武汉市', '郑州', '苏州市'], lambda c: NOT starts_with(o.who.city_name, c)), s.story, 0, 'news.elsewhere.city') AS elsewhere
    FROM news_story s JOIN template p USING (kind) LEFT JOIN named w ON w.firm = s.firm JOIN named o ON o.firm = s.other
), worded AS (
    SELECT *,
           CASE WHEN firm IS NOT NULL THEN first_mention(u(story, 1, 'news.first'), me)
                ELSE elsewhere || they.trade || they.word || CASE they.kind WHEN 'individual' THEN they.form ELSE '有限公司' END END AS first_words,
           CASE WHEN firm IS NOT NULL THEN later_mention(u(story, 1, 'news.later'), me) ELSE '该公司' END AS later_words,
           CASE WHEN firm IS NOT NULL AND they_are_here AND other <> firm AND they.kind = 'enterprise' THEN they.name
                ELSE elsewhere || one_of(['恒业', '新元', '广联', '中达', '金顺'], story, 2, 'news.out') || one_of(['建材', '贸易', '机械', '食品'], story, 3, 'news.out') || '有限公司' END AS their_words,
           coalesce(me.county_name, some_county) AS place
    FROM drawn
), filled AS (
    SELECT *, [text.title, text.body].list_transform(lambda t: t.replace('{S}', first_words).replace('{s}', later_words).replace('{O}', their_words).replace('{C}', place)
               .replace('{D}', strftime(happened_on, '%-m月%-d日')).replace('{H}', coalesce(me.head, '王某')).replace('{M}', (3 + pick(480, story, 0, 'news.amount'))::VARCHAR)
               .replace('{N}', (2 + pick(8, story, 0, 'news.number'))::VARCHAR)) AS words
    FROM worded
)
SELECT story, 'T' || lpad(story::VARCHAR, 9, '0') AS text_id, kind, firm,
       CASE WHEN contains(text.title || text.body, '{O}') AND firm IS NOT NULL AND they_are_here AND other <> firm AND they.kind = 'enterprise' THEN other END AS other_firm,
       CASE WHEN text.title IN ('法院公告', '清算公告', '行政处罚信息公示', '注销登记公告', '地址变更启事') THEN 'announcement'
            WHEN text.title IN ('招聘信息') THEN 'recruitment'
            WHEN text.title IN ('成交结果公告') OR (kind = 'contract_won' AND text.title LIKE '%中标') THEN 'tender'
            WHEN text.title IN ('好物推荐', '求助帖', '消费者投诉') THEN 'post' ELSE 'news' END AS channel,
       words[1] AS title,
       -- Some texts are told at greater length.
       CASE WHEN u(story, 0, 'news.long') < 0.3 THEN one_of(['本报讯。', '（记者报道）', '据' || place || '融媒体中心消息，', '近日，有网友留言。'], story, 0, 'news.head') ELSE '' END || words[2]
           || CASE WHEN u(story, 1, 'news.long') < 0.3 THEN one_of(['本报将持续关注。', '有关部门提醒广大市民注意防范风险。', '阳光总在风雨后，大家对未来充满信心。', '（来源：网络）', '天气渐热，万佛湖畔又是一片生机。'], story, 0, 'news.tail') ELSE '' END AS body,
       happened_on AS published_on
FROM filled;

-- One row per text and firm of the city that it means: what it says happened to the firm.
CREATE TABLE news_truth AS
SELECT text_id, firm, kind FROM news_text WHERE firm IS NOT NULL
UNION ALL
SELECT text_id, other_firm, CASE kind WHEN 'contract_won' THEN 'contract_won' ELSE 'none' END FROM news_text WHERE other_firm IS NOT NULL;
