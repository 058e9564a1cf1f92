type Words = Readonly<Record<string, string>>;

export const methodNames: Words = {
  stylize: '风格迁移',
  apply: '应用模型',
  style: '读取风格',
  enlarge: '放大',
  texture: '纹理合成',
  reconstruct: '特征重建',
  harmonize: '画作融合',
  match: '匹配',
  'match-colors': '颜色匹配',
  evaluate: '评估',
};

export const roleNames: Words = {
  content: '内容图片',
  style: '风格图片',
  styles: '风格图片',
  mask: '蒙版',
  contentMask: '内容蒙版',
  styleMasks: '风格蒙版',
  initial: '初始图片',
  picture: '图片',
  painting: '画作',
  sample: '样本',
  composite: '合成图片',
  reference: '参考图片',
};

/** Headings of the options, by those in English. */
export const groups: Words = {
  'How it looks:': '外观',
  'What is kept:': '保留什么',
  'Size and steps:': '尺寸与步数',
  'The loss in detail:': '损失的细节',
  'Other methods:': '其他方法',
};

export const optionNames: Words = {
  method: '方法',
  fast: '快速',
  preset: '预设',
  size: '尺寸',
  scales: '尺度',
  iterations: '迭代次数',
  optimizer: '优化器',
  learningRate: '学习率',
  contentWeight: '内容权重',
  styleWeight: '风格权重',
  tvWeight: '全变分权重',
  grainWeight: '颗粒权重',
  strength: '强度',
  histogramWeight: '直方图权重',
  histogramLayers: '直方图层',
  preserveColors: '保留颜色',
  feather: '羽化',
  lockDetail: '锁定细节',
  autoTune: '自动调整权重',
  contentLayers: '内容层',
  styleLayers: '风格层',
  gram: '格拉姆矩阵的归一化',
  normalize: '损失归一化',
  pooling: '池化',
  projection: '投影',
  styleBlend: '风格混合',
  styleScale: '笔触大小',
  styleSize: '风格图片尺寸',
  init: '初始化',
  margin: '边缘',
  average: '滑动平均',
  seed: '随机种子',
  layers: '层',
  splitIterations: '分层步数',
  rematch: '重新匹配',
  colorWeight: '颜色权重',
  patchLayers: '图块层',
  patch: '图块大小',
  stride: '步幅',
  search: '搜索方式',
  smoothColors: '平滑颜色',
  coarseLayers: '粗略层',
  fineLayers: '精细层',
  referenceLayer: '参考层',
  model: '模型',
  refine: '精修步数',
  tile: '分块大小',
  style: '风格',
  layerWeights: '各层权重',
  steady: '画面稳定',
  range: '数值范围',
  layout: '排列方式',
  factor: '放大倍数',
  tileable: '无缝平铺',
  sampleSize: '样本尺寸',
  noise: '噪声',
  layer: '层',
  from: '已知信息',
  allLayers: '所有层',
  mode: '方式',
  affineForm: '仿射形式',
};

/** What methods, roles and options say of themselves, by their words in English. */
export const descriptions: Words = {
  'repaint a photograph after a painting': '仿照一幅画重绘一张照片',
  'the photograph': '照片',
  'the painting or paintings': '一幅或多幅画',
  'where to paint: white is painted, black stays the photograph': '在哪里绘制：白色处绘制，黑色处保留照片',
  "the photograph's regions, each in a colour of its own": '照片的各个区域，每个区域一种颜色',
  'the regions of a painting in the same colours, or the colour of its one region, or all; one for each painting':
    '画作的各个区域，颜色与照片的区域相同；或其唯一区域的颜色；或 all；每幅画一个',
  'the picture to start from': '从哪张图片开始',
  'what makes the style: gram matrices, nearest neighbors, patches, harmonize, for an object pasted into a painting, or fast: one pass of a network':
    '风格由什么构成：gram（格拉姆矩阵）、neighbors（最近邻）、patches（图块）、harmonize（用于粘贴到画中的物体），或 fast（网络一次前向计算）',
  'the same as method fast': '等同于方法 fast',
  'published formula and numbers to start from': '作为起点的已发表公式和数值',
  "long side of the result in pixels; without it the result has the photograph's size":
    '结果的长边像素数；不填则与照片尺寸相同',
  'long sides to optimise at, coarse to fine': '优化时的长边，由粗到细',
  'optimiser steps: all together, or one number per scale': '优化步数：总数，或每个尺度一个数',
  'the optimiser; bounded is a quasi-Newton method that keeps pixels in range':
    '优化器；bounded 是一种使像素保持在取值范围内的拟牛顿法',
  "step size of adam and lbfgs, in the preset's pixel units": 'adam 和 lbfgs 的步长，以预设的像素单位计',
  'how much the photograph counts': '照片所占的分量',
  'how much the painting counts': '画作所占的分量',
  'how much smoothness counts (total variation)': '平滑程度所占的分量（全变分）',
  "how much grain counts that the painting doesn't have": '画作中没有的颗粒所占的分量',
  "how far the photograph goes over into paint: 0 touched, 1 dissolved, 0.5 the preset's content weight":
    '照片化为颜料的程度：0 为略有笔意，1 为完全化开，0.5 为预设的内容权重',
  "how much the distributions of the features' values count, which Gram matrices don't see":
    '特征值的分布所占的分量，这是格拉姆矩阵看不到的',
  'layers whose distributions are matched': '匹配特征值分布的层',
  "how the photograph's colours are kept: paint brightness only; match the painting's colours first; or carry the photograph's chroma over into the painting's range":
    '怎样保留照片的颜色：只绘制亮度；先匹配画作的颜色；或把照片的色度映射到画作的范围内',
  "pixels over which the paint fades in from the mask's border": '从蒙版边界起颜料逐渐显现的像素数',
  "how much the photograph's fine edges count: the distance of the Laplacians of both pictures":
    '照片的细小边缘所占的分量：两张图片拉普拉斯之间的距离',
  "at each scale, lower the weights of terms whose gradient is longer than the style's":
    '在每个尺度上，若某项的梯度大于风格项的梯度，则降低其权重',
  'layers that hold the content, such as relu4_2, or relu4_2:0.5 with a weight':
    '表示内容的层，例如 relu4_2，或带权重的 relu4_2:0.5',
  'layers that hold the style, such as relu1_1,relu3_1, or with weights':
    '表示风格的层，例如 relu1_1,relu3_1，也可带权重',
  'what Gram matrices are divided by': '格拉姆矩阵除以什么',
  'measure losses relative to their targets, so that weights mean the same for every pair':
    '相对于各自的目标来计算损失，使权重对每一对图片意义相同',
  "the network's pooling": '网络的池化方式',
  "with a compact network: measure style in the full network's space":
    '使用精简网络时：在完整网络的空间中衡量风格',
  'weights of several styles, in their order': '多种风格的权重，按其顺序',
  "size of the painting's strokes against the result (default: 1)": '画作笔触相对于结果的大小（默认：1）',
  'the same as the long side of the painting at the finest scale, in pixels':
    '同上，以最精细尺度下画作的长边像素数表示',
  'what to start from': '从什么开始',
  'pixels of mirror image kept around the picture while optimising, against frames':
    '优化时在图片四周保留的镜像像素数，以免出现边框',
  'decay of the moving average of iterates that is the result; 0 is none':
    '结果所用的迭代滑动平均的衰减率；0 为不平均',
  'seed of the random numbers': '随机数种子',
  'layers whose features look for neighbours': '用其特征寻找最近邻的层',
  'steps at the end in which each layer looks for neighbours by itself; 0 leaves them out':
    '最后由每层各自寻找最近邻的步数；0 为不做',
  'steps after which every patch looks for its best match anew': '每隔多少步，所有图块重新寻找最佳匹配',
  "how much the pixels of the painting's patches count, beside their features, for clean colours":
    '除特征外，画作图块的像素所占的分量，使颜色干净',
  'layers whose patches are matched, such as relu3_1,relu4_1:2 with a weight':
    '匹配其图块的层，例如 relu3_1，或带权重的 relu4_1:2',
  'side of a patch in positions of a layer, odd': '图块的边长，以层中的位置计，须为奇数',
  'distance between the positions of a patch that count': '图块中参与计算的位置之间的距离',
  "pixels over which the object's colours are smoothed at the end, where its brightness is even":
    '最后在亮度均匀处平滑物体颜色的像素范围',
  'style layers of the first pass, each matched on its own': '第一遍的风格层，各自独立匹配',
  'style layers of the second pass, which follow the matches of the reference layer':
    '第二遍的风格层，沿用参考层的匹配',
  'the layer whose matches the second pass takes for all': '第二遍中其匹配为所有层沿用的那一层',
  'what paints in one pass: any-style, magenta, or the file of a network that the training of any style made':
    '一次前向计算所用的模型：any-style、magenta，或由任意风格训练得到的网络文件',
  'steps of the optimisation by Gram matrices that follow, from the result of the one pass':
    '从一次前向计算的结果开始，随后以格拉姆矩阵优化的步数',
  'sides of the parts that are computed one by one (default: the whole up to 4 megapixels, then 1024)':
    '逐块计算时每块的边长（默认：不超过四百万像素时整幅计算，否则为 1024）',
  'repaint pictures in one pass with a model that was trained for some paintings':
    '用针对某些画作训练好的模型，一次前向计算即重绘图片',
  'the picture to repaint': '要重绘的图片',
  'where it is painted: white; black stays as it is': '在哪里绘制：白色处绘制；黑色处保持不变',
  'where each style is painted, one mask for each, in their order: white; greys blend':
    '每种风格绘制在哪里，每种一个蒙版，按其顺序：白色处绘制；灰色处混合',
  "the model's style, or several with weights: wave:0.7,udnie:0.3 (default: the first)":
    '模型的风格，或多种带权重的风格：wave:0.7,udnie:0.3（默认：第一种）',
  'how much of the paint: 0 the photograph, 1 all of it': '颜料的多少：0 为照片，1 为全部',
  'of an adjustable model: what counts how much, 0 to 2 against 1: content=0.5,relu1_1=0.2':
    '用于可调模型：各项所占的分量，以 1 为基准，从 0 到 2：content=0.5,relu1_1=0.2',
  'of an adjustable model: another result for each seed (default: its best known one)':
    '用于可调模型：每个种子得到不同的结果（默认：已知最好的一个）',
  "luminance: the photograph's colours under the paint's brightness; chroma: the same, carried over into the paint's range":
    'luminance：在绘制的亮度上使用照片的颜色；chroma：同样，但映射到颜料的范围内',
  "the result's long side in pixels (default: the photograph's)": '结果的长边像素数（默认：与照片相同）',
  'of films: keep what the frame before became where the film only moves, against flicker':
    '用于影片：画面仅移动之处沿用前一帧的结果，以防闪烁',
  "of somebody else's model: the numbers from black to white, 0..255, 0..1, -1..1 or imagenet (default: tried out)":
    '用于他人的模型：从黑到白的数值，0..255、0..1、-1..1 或 imagenet（默认：自动试出）',
  "of somebody else's model: whether colours come first or last (default: as its file says)":
    '用于他人的模型：颜色通道在前还是在后（默认：以其文件为准）',
  'read the style of a painting, to paint pictures and films with it in one pass':
    '读取一幅画的风格，以便用它一次前向计算即绘制图片和影片',
  'the painting': '画作',
  'make pictures larger, with detail that a network adds': '放大图片，细节由网络补充',
  'the picture to enlarge': '要放大的图片',
  'how many times as wide and high the result is': '结果的宽和高为原来的多少倍',
  'sides, in pixels of the picture, of the parts that are enlarged one by one':
    '逐块放大时每块的边长，以原图像素计',
  'make a texture of any size that looks like a sample everywhere': '合成任意尺寸的纹理，处处都像样本',
  'the picture to take the texture from': '从中提取纹理的图片',
  "width and height in pixels, such as 512x512; without it the sample's":
    '宽和高的像素数，例如 512x512；不填则与样本相同',
  'make a texture that repeats without a seam': '合成可无缝重复的纹理',
  'long side that the sample is brought to: smaller makes finer forms; never enlarged (default: at most 512)':
    '样本缩放到的长边：越小则纹理越细；从不放大（默认：至多 512）',
  'layers whose Gram matrices are matched, such as relu1_1,relu3_1, or with weights':
    '匹配其格拉姆矩阵的层，例如 relu1_1,relu3_1，也可带权重',
  'standard deviation of the noise that it begins with, around mid-grey': '初始噪声的标准差，以中灰为中心',
  'show what a layer of the network knows of a picture': '显示网络的某一层对图片知道些什么',
  'the picture to reconstruct': '要重建的图片',
  'the layer, such as relu3_1 (default: relu3_1)': '层，例如 relu3_1（默认：relu3_1）',
  "what is known of the picture: the layer's features, or the Gram matrices of all style layers up to it (default: content)":
    '对图片已知的信息：该层的特征，或直到该层的所有风格层的格拉姆矩阵（默认：content）',
  'reconstruct content and style of all five levels, in one labelled sheet':
    '重建全部五级的内容和风格，排成一张带标注的图',
  'long side of the result in pixels; the picture is never enlarged': '结果的长边像素数；图片从不放大',
  'optimiser steps': '优化步数',
  'how much smoothness counts (total variation), the regulariser of Mahendran and Vedaldi':
    '平滑程度所占的分量（全变分），即 Mahendran 和 Vedaldi 的正则项',
  'make an object that was pasted into a painting a part of it': '使粘贴到画中的物体成为画的一部分',
  'the painting with the object pasted in, of the same size': '已粘贴物体的画作，尺寸与原画相同',
  'a picture that is white where the object is and black elsewhere': '物体处为白色、其余为黑色的图片',
  'long side to optimise at; the painting is never enlarged for it': '优化时的长边；不会为此放大画作',
  'optimiser steps: of both passes together, or one number per pass': '优化步数：两遍合计，或每遍一个数',
  "pixels over which the object fades into the painting, inside of the mask's white":
    '在蒙版白色区域内，物体逐渐融入画作的像素数',
  "how much the object's own features count": '物体自身的特征所占的分量',
  "how much the painting's matched features count": '与之匹配的画作特征所占的分量',
  "how much the distributions of the features' values count, in the second pass":
    '第二遍中特征值的分布所占的分量',
  'layers that keep the object': '保持物体的层',
  'layers whose distributions are matched in the second pass': '第二遍中匹配特征值分布的层',
  'find where each patch of a picture comes from in another one':
    '找出一张图片的每个图块来自另一张图片的何处',
  'the picture whose patches are looked for': '要为其图块寻找匹配的图片',
  'the picture that they are looked for in': '在其中寻找匹配的图片',
  'layer whose features are compared, such as relu3_1': '比较其特征的层，例如 relu3_1',
  'long side that both pictures are brought to for the network; never enlarged':
    '供网络使用时两张图片缩放到的长边；从不放大',
  'how matches are looked for: exact compares all pairs, approximate finds good ones much sooner':
    '怎样寻找匹配：exact 比较所有图块对，approximate 很快找到较好的匹配（近似）',
  "seed of an approximate search's random numbers (default: 0)": '近似搜索的随机数种子（默认：0）',
  "give a picture another picture's colours": '使一张图片具有另一张图片的颜色',
  'the picture to change': '要改变的图片',
  'the picture whose colours it gets': '提供颜色的图片',
  'what is matched: mean and covariance of the colours (affine), the histogram of each channel (histogram), or mean and spread of the brightness only (luminance)':
    '匹配什么：颜色的均值和协方差（affine）、每个通道的直方图（histogram），或仅亮度的均值和离散程度（luminance）',
  'which affine map': '采用哪种仿射变换',
  'how much of the change is made, from 0, none, to 1, all': '改变的程度，从 0（不变）到 1（完全改变）',
  'measure content, style and smoothness of any picture, to compare results':
    '衡量任意图片的内容、风格和平滑程度，以比较结果',
  'the picture to measure': '要衡量的图片',
  'the photograph that it was made from': '制作时所用的照片',
  'the painting that it was made after': '制作时所仿的画作',
};

/** The styles of the package's model by their names. */
export const styleNames: Readonly<Record<string, string>> = {
  wave: '巨浪',
  udnie: '乌德尼',
  scream: '呐喊',
  shipwreck: '沉船',
  'starry-night': '星夜',
  'composition-vii': '构成第七号',
  harvesters: '收割者',
  'water-lilies': '睡莲',
};
