"""How names are written, as data: what counts for nothing in a name, and what says that there is none.

Language, not law: a word is added to its list and nothing else. Everything is compared after Unicode's NFKC
and case folding, so full width and capitals need no entry of their own.
"""

# Seen by nobody: soft hyphen, joiners, direction marks, byte order mark, variation selectors.
INVISIBLE = frozenset(
    map(
        chr,
        (
            *(0xAD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0),
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)
# Marks of registration; before NFKC, which makes letters of them.
REGISTRATION = frozenset("®™℠©Ⓡ🄮🅪🅫")
REGISTRATION_IN_BRACKETS = ("(r)", "(tm)", "(c)")
# Dots, hyphens, crosses and quotation marks, each of which people write in any of these ways.
DOTS = frozenset(".·•・‧∙⋅●˙․᛫‣᠂")
HYPHENS = frozenset("-‐‑‒–—―−﹣_ーˉㅡ")
CROSSES = frozenset("×✕✖╳*∗⋆✱х⨯")
QUOTATION = frozenset("\"'`“”‘’„「」『』《》〈〉«»")

# Between several trademarks of one thing.
BETWEEN_TRADEMARKS = frozenset("、,;/|\n，；／")
# At the end of a trademark, and no part of it.
AFTER_TRADEMARK = ("及图形", "及图", "+图形", "+图", "商标", "品牌", "牌")
# In brackets at the end of a name, or before it with a colon: where it was read, not what it is.
NOTES = frozenset(
    {
        *("标称", "包装", "标签", "标识", "标注", "标示", "吊牌", "铭牌", "实物", "样品", "外包装", "内包装"),
        *("包装标称", "标称包装", "包装标注", "标签标称", "商标", "品牌", "型号", "规格", "规格型号"),
        *("生产", "生产者", "生产商", "生产企业", "生产单位", "制造商", "制造者", "厂商", "厂家", "厂名"),
        *("标称生产者", "标称生产商", "标称生产企业", "标称生产单位", "标称商标", "标称型号"),
        *(
            "委托",
            "委托方",
            "委托商",
            "委托单位",
            "受托",
            "受托方",
            "被委托方",
            "受委托生产企业",
            "出品",
            "出品方",
        ),
        *("进口商", "总经销", "经销商", "代理商", "网页", "网页标称", "页面标称", "自营"),
    }
)

# Says that there is none, or that nobody knows; what holds nothing but marks ("/", "—", "***") says so too.
UNKNOWN = frozenset(
    {
        *("无", "没有", "暂无", "空", "空白", "不详", "不明", "不清", "不清楚", "未知", "待定", "略"),
        *("未标", "未标注", "未标明", "未标示", "未标识", "未注明", "未明示", "未注册", "未提供", "未显示"),
        *("未公示", "未列明", "未填", "未填写", "未见", "未见标注", "未印", "不适用", "不可辨认", "无法辨认"),
        *("无法识别", "字迹不清", "无标注", "无标识", "无标示", "无标签", "无商标", "无品牌", "无牌", "无名"),
        *("无型号", "无规格", "无规格型号", "无生产者", "无厂名", "三无", "无此项", "其他", "其它", "同上"),
        *("未标注商标", "未标注型号", "未标注规格型号", "未标注生产者", "商标未标注", "未标称"),
        *("na", "n/a", "none", "null", "nil", "unknown", "tbd"),
    }
)
# 见包装, 详见外包装标签, 以实物为准: it stands elsewhere, and nobody wrote it down.
_SEES = "详见|参见|见|以|按|同|如"
_WHERE = (
    "产品|商品|样品|实物|本体|内|外|包装|标签|吊牌|铭牌|标识|喷码|合格证|说明书|图|照片|页面|网页|详情"
    "|盒|瓶|袋|箱"
)
ELSEWHERE = f"(?:{_SEES})(?:{_WHERE}|上|处|页|及|和|或|/)*(?:{_WHERE})(?:上|处|页)?(?:为准|所示|标注)?"

PROVINCES = (
    *("北京市", "天津市", "上海市", "重庆市", "河北省", "山西省", "辽宁省", "吉林省", "黑龙江省", "江苏省"),
    *("浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "海南省"),
    *("四川省", "贵州省", "云南省", "陕西省", "甘肃省", "青海省", "台湾省", "内蒙古自治区"),
    *("广西壮族自治区", "西藏自治区", "宁夏回族自治区", "新疆维吾尔自治区"),
    *("香港特别行政区", "澳门特别行政区"),
)
# What a place's name ends with; the name without it is the same place.
PLACE_ENDINGS = ("维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市", "区", "县")
# Levels that forms ask for and addresses do not have.
NO_PLACES = frozenset(
    {
        *("市辖区", "县", "市辖县", "直辖", "直辖市", "直辖县级", "省直辖县", "省直辖"),
        *("省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位", "自治区直辖县级行政单位"),
    }
)
